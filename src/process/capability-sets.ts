import { CAPABILITIES } from '../config/names/capabilities.ts';
import type { Capabilities } from '../config/types.ts';
import { failedWith } from '../errors/syscall-error.ts';
import { capget, capset } from '../syscalls/capabilities.ts';
import {
  clearAmbientSet,
  dropFromBoundingSet,
  inBoundingSet,
  raiseAmbient,
} from '../syscalls/prctl.ts';

const CAP_SETPCAP = CAPABILITIES.indexOf('CAP_SETPCAP');

/** Takes all but `bounding` out of the bounding set, where CAP_SETPCAP allows it; capabilities(7). */
export function limitBoundingSet({ bounding = [] }: Capabilities): void {
  if (((capget().effective >> BigInt(CAP_SETPCAP)) & 1n) === 0n) return;
  const keep = new Set(numbersOf(bounding));
  const last = lastCapability();
  for (let capability = 0; capability <= last; capability++) {
    if (!keep.has(capability)) dropFromBoundingSet(capability);
  }
}

/**
 * Sets the effective, permitted, inheritable and ambient sets of the calling thread. Ambient ones
 * that are not both permitted and inheritable are left out, as in runc.
 */
export function applyCapabilities(capabilities: Capabilities): void {
  const bits = (names: readonly string[] = []): bigint =>
    numbersOf(names).reduce((set, capability) => set | (1n << BigInt(capability)), 0n);
  capset({
    effective: bits(capabilities.effective),
    permitted: bits(capabilities.permitted),
    inheritable: bits(capabilities.inheritable),
  });
  clearAmbientSet();
  for (const capability of numbersOf(capabilities.ambient ?? [])) raiseIfPossible(capability);
}

function raiseIfPossible(capability: number): void {
  try {
    raiseAmbient(capability);
  } catch (error) {
    if (!failedWith(error, 'EPERM')) throw error;
  }
}

const NAMES: readonly string[] = CAPABILITIES;

/** The numbers of the names that this kernel knows. */
function numbersOf(names: readonly string[]): number[] {
  const last = lastCapability();
  return names.map((name) => NAMES.indexOf(name)).filter((number) => number >= 0 && number <= last);
}

/** The highest capability that both davit and this kernel know. */
function lastCapability(): number {
  for (let capability = CAPABILITIES.length - 1; ; capability--) {
    try {
      inBoundingSet(capability);
      return capability;
    } catch (error) {
      if (!failedWith(error, 'EINVAL') || capability === 0) throw error;
    }
  }
}
