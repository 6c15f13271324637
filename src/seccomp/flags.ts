import type { SeccompFlag } from '../config/names/seccomp-flags.ts';
import { atField } from '../errors/stage-error.ts';
import {
  SECCOMP_FILTER_FLAG_LOG,
  SECCOMP_FILTER_FLAG_NEW_LISTENER,
  SECCOMP_FILTER_FLAG_SPEC_ALLOW,
  SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV,
  seccompFlagsAvailable,
} from '../syscalls/rights/seccomp-filter.ts';

const BITS: Record<SeccompFlag, number> = {
  // An init of one thread has nothing to synchronize.
  SECCOMP_FILTER_FLAG_TSYNC: 0,
  SECCOMP_FILTER_FLAG_LOG,
  SECCOMP_FILTER_FLAG_SPEC_ALLOW,
  SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV,
};

/**
 * seccomp(2)'s flags for `linux.seccomp.flags`. An absent list, unlike an empty one, asks for
 * SPEC_ALLOW where the kernel has it, as in runc: without it, filters slow the program down.
 */
export function filterFlags(flags: readonly SeccompFlag[] | undefined, notify: boolean): number {
  const wanted = flags ?? (flagSupported('SECCOMP_FILTER_FLAG_SPEC_ALLOW') ? DEFAULT : []);
  const bits = wanted.map((flag, i) => atField(`linux.seccomp.flags[${i}]`, () => flagBit(flag)));
  const all = bits.reduce((sum, bit) => sum | bit, 0);
  if (notify) return all | SECCOMP_FILTER_FLAG_NEW_LISTENER;
  // The kernel refuses WAIT_KILLABLE_RECV without a listener.
  return all & ~SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV;
}

const DEFAULT: readonly SeccompFlag[] = ['SECCOMP_FILTER_FLAG_SPEC_ALLOW'];

/** Whether the kernel has the flag. */
export function flagSupported(flag: SeccompFlag): boolean {
  const needsListener = flag === 'SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV';
  const listener = needsListener ? SECCOMP_FILTER_FLAG_NEW_LISTENER : 0;
  return BITS[flag] === 0 || seccompFlagsAvailable(BITS[flag] | listener);
}

function flagBit(flag: SeccompFlag): number {
  if (BITS[flag] === undefined) throw new Error(`seccomp flag ${flag} is not known to davit`);
  if (!flagSupported(flag)) throw new Error(`seccomp flag ${flag} is not supported by this kernel`);
  return BITS[flag];
}
