import type { Int64, Rlimit } from '../config/types.ts';
import { atField } from '../errors/stage-error.ts';
import { getLimits, type Limits, RLIM_INFINITY, setLimits } from '../syscalls/task/rlimit.ts';

/**
 * Makes room for the limits of `process.rlimits` in process `pid` (0 is the caller): hard limits
 * that are lower are raised, which takes CAP_SYS_RESOURCE over the host. The limits themselves are
 * set by the trampoline, as the last thing: init, which is Node, could not run under a small
 * RLIMIT_AS or write its own program under a small RLIMIT_FSIZE.
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
