import { type CapabilityBits, capsetArguments } from '../../syscalls/rights/capabilities.ts';
import type { TrampolineCall } from './build-trampoline.ts';

/** capset(2) of these sets. */
export function capsetCall(sets: CapabilityBits): TrampolineCall {
  const [header, data] = capsetArguments(sets);
  return { syscall: 'capset', arguments: [{ bytes: header }, { bytes: data }] };
}
