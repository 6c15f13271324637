import { constants } from 'node:os';
import { metMemoryLimit, metPidsLimit } from '../cgroups/usage/met-limits.ts';
import type { Launch } from '../context/launch.ts';
import type { FailureReport } from '../errors/stage-error.ts';

const { SIGKILL, SIGSEGV, SIGSYS } = constants.signals;

/** A field of config.json that ended the program, or let it fail. */
interface Cause extends FailureReport {
  configPath: string;
}

/**
 * The field of config.json for which a started program ended with `status` (128 + the signal that
 * killed it); `undefined` where none is known.
 */
export function whyEnded(
  { spec, cgroup }: Pick<Launch, 'spec' | 'cgroup'>,
  status: number,
): Cause | undefined {
  if (status === 0) return undefined;
  const { seccomp, resources = {} } = spec.linux ?? {};
  const { memory, pids } = resources;
  if (status === 128 + SIGSYS && seccomp) return { configPath: 'linux.seccomp', message: REFUSED };
  if (status === 128 + SIGSEGV) return smallRlimit(spec);
  if (status === 128 + SIGKILL && memory?.limit && metMemoryLimit(cgroup)) {
    const message = `the kernel killed the program because it needs more than ${memory.limit} bytes`;
    return { configPath: 'linux.resources.memory.limit', message };
  }
  if (pids?.limit !== undefined && cgroup && metPidsLimit(cgroup)) {
    const message = `the program could not create a process: at most ${pids.limit} are allowed`;
    return { configPath: 'linux.resources.pids.limit', message };
  }
  return undefined;
}

const REFUSED = 'the filter killed the program for a system call that it does not allow';

/**
 * execve(2) maps the program after its point of no return: all it can do on failure is to kill it.
 */
function smallRlimit({ process }: Launch['spec']): Cause | undefined {
  const limits = process?.rlimits ?? [];
  const index = limits.findIndex(({ type }) => MEMORY.includes(type));
  if (index < 0) return undefined;
  const { type, soft } = limits[index]!;
  const message = `${type} of ${soft} bytes may be too small for the program`;
  return { configPath: `process.rlimits[${index}]`, message };
}

const MEMORY = ['RLIMIT_AS', 'RLIMIT_DATA', 'RLIMIT_STACK'];
