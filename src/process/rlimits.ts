import type { Int64, Rlimit } from '../config/types.ts';
import { atField } from '../errors/stage-error.ts';
import { getLimits, type Limits, RLIM_INFINITY, setLimits } from '../syscalls/task/rlimit.ts';

/**
 * Raises the hard limits of process `pid` (0 is the caller) that are lower than `process.rlimits`
 * wants, which needs CAP_SYS_RESOURCE on the host. The trampoline sets the limits themselves, last
 * of all: init, which is Node, could not run under a small RLIMIT_AS or write the trampoline under
 * a small RLIMIT_FSIZE.
 */
export function setRlimits(pid: number, rlimits: readonly Rlimit[]): void {
  rlimits.forEach((rlimit, i) => {
    atField(`process.rlimits[${i}]`, () => {
      const wanted = limitsOf(rlimit);
      if (wanted.soft > wanted.hard) {
        throw new Error(`soft limit ${wanted.soft} is above the hard limit ${wanted.hard}`);
      }
      const { soft, hard } = getLimits(pid, rlimit.type);
      if (wanted.hard > hard) setLimits(pid, rlimit.type, { soft, hard: wanted.hard });
    });
  });
}

/** What prlimit(2) is given for an entry of `process.rlimits`. */
export const limitsOf = ({ soft, hard }: Rlimit): Limits => ({
  soft: limitOf(soft),
  hard: limitOf(hard),
});

/** RLIM_INFINITY is 2^64 - 1, which a JavaScript number rounds up. */
function limitOf(value: Int64): bigint {
  const limit = BigInt(value);
  return limit > RLIM_INFINITY ? RLIM_INFINITY : limit;
}
