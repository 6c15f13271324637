import { readdirSync, readlinkSync } from 'node:fs';
import type { Environment } from '../config/environment.ts';
import { RuntimeError } from '../errors/runtime-error.ts';

/** SD_LISTEN_FDS_START, sd_listen_fds(3). */
export const LISTEN_FDS_START = 3;

/** How many sockets the service manager passed to the process `pid`, by sd_listen_fds(3). */
export function countListenFds(environment: Environment, pid: number): number {
  if (parseCount(environment.LISTEN_PID) !== pid) return 0;
  return parseCount(environment.LISTEN_FDS) ?? 0;
}

function parseCount(text: string | undefined): number | undefined {
  return text !== undefined && /^\+?\d{1,9}$/.test(text) ? Number(text) : undefined;
}

/** The variables that tell the container's process of its sockets; LISTEN_PID 1, as in runc. */
export function listenEnvironment(listenFds: number): string[] {
  return listenFds === 0 ? [] : [`LISTEN_FDS=${listenFds}`, 'LISTEN_PID=1'];
}

/**
 * Throws unless the caller passed on all of the `listenFds` fds after stdio and the `preserveFds`
 * after these. A number that the caller did not pass may be an fd of davit's own: a cgroup, or a
 * directory of the host.
 * `parent` has got them, if that is not this process.
 */
export function checkPreservedFds(
  listenFds: number,
  preserveFds: number,
  parent?: { readonly inheritedFds: ReadonlySet<number> },
): void {
  if (listenFds + preserveFds === 0) return;
  const open = parent?.inheritedFds ?? inheritedFds();
  const first = LISTEN_FDS_START + listenFds;
  for (let fd = LISTEN_FDS_START; fd < first; fd++) {
    if (!open.has(fd))
      throw new RuntimeError(`LISTEN_FDS is ${listenFds}, but fd ${fd} is not open`);
  }
  for (let i = 0; i < preserveFds; i++) {
    if (open.has(first + i)) continue;
    throw new RuntimeError(
      `unable to stat preserved-fd ${i} (of ${preserveFds}): no such file or directory`,
      `--preserve-fds ${preserveFds} needs fd ${first + i} to be open`,
    );
  }
}

/** The fds that Node opens for its event loops, at the lowest free numbers. */
const NODES_OWN = new Set([
  'anon_inode:[eventpoll]',
  'anon_inode:[eventfd]',
  'anon_inode:[io_uring]',
]);

/**
 * This process's open fds, except those that Node opened. Which pipes are Node's cannot be known: a
 * pipe that has both ends here is left out.
 */
function inheritedFds(): Set<number> {
  const targets = new Map<number, string>();
  for (const name of readdirSync('/proc/self/fd')) {
    try {
      targets.set(Number(name), readlinkSync(`/proc/self/fd/${name}`));
    } catch {
      // The fd of the directory listing itself is closed by now.
    }
  }
  const counts = new Map<string, number>();
  for (const target of targets.values()) counts.set(target, (counts.get(target) ?? 0) + 1);
  const inherited = new Set<number>();
  for (const [fd, target] of targets) {
    const bothEnds = target.startsWith('pipe:') && counts.get(target)! > 1;
    if (!NODES_OWN.has(target) && !bothEnds) inherited.add(fd);
  }
  return inherited;
}
