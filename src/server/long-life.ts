import { countListenFds, LISTEN_FDS_START } from '../caller/listen-fds.ts';
import type { Invocation } from '../cli/invocation.ts';
import { setCloseOnExec } from '../syscalls/files/fcntl.ts';

/** Flags of Node that suit a command, whose life is too short to collect garbage or to compile. */
const SHORT_LIFE = ['--min-semi-space-size=16', '--max-opt=0'];
/**
 * Maglev, which takes a fifth of a command's time away; TurboFan takes no more away, and 7 MB. A small
 * young generation saves 10 MB.
 */
const LONG_LIFE = ['--max-opt=2', '--max-semi-space-size=2'];

/** Node's flags for a process that lives long, from those for a command. */
export const longLifeFlags = (flags: readonly string[]): string[] => [
  ...LONG_LIFE,
  ...flags.filter((flag) => !SHORT_LIFE.includes(flag)),
];

/**
 * Executes this process anew, with Node's flags for a process that lives long. Returns if it has
 * them. Same pid, same fds: a socket that was passed on stays.
 */
export function liveLong({ davit, args, environment }: Invocation): void {
  const [node, ...rest] = davit;
  if (!rest.some((flag) => SHORT_LIFE.includes(flag))) return;
  // Node has marked them close-on-exec.
  const passed = countListenFds(environment, process.pid);
  for (let i = 0; i < passed; i++) setCloseOnExec(LISTEN_FDS_START + i, false);
  process.execve!(node, [node, ...longLifeFlags(rest), ...args], { ...environment });
}
