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

/** Names in process.capabilities that davit or this kernel does not know. They are ignored, as in runc. */
export function unknownCapabilities(capabilities: Capabilities | undefined): string[] {
  const last = lastCapability();
  const names = Object.values(capabilities ?? {}).flat();
  return [...new Set(names.filter((name) => !isKnown(name, last)))].sort();
}

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
 * that are not both permitted and inheritable are left out, as in runc; their names are returned.
 */
export function applyCapabilities(capabilities: Capabilities): string[] {
  const bits = (names: readonly string[] = []): bigint =>
    numbersOf(names).reduce((set, capability) => set | (1n << BigInt(capability)), 0n);
  capset({
    effective: bits(capabilities.effective),
    permitted: bits(capabilities.permitted),
    inheritable: bits(capabilities.inheritable),
  });
  clearAmbientSet();
  return (capabilities.ambient ?? []).filter(
    (name) => !numbersOf([name]).every((capability) => raised(capability)),
  );
}

function raised(capability: number): boolean {
  try {
    raiseAmbient(capability);
    return true;
  } catch (error) {
    if (failedWith(error, 'EPERM', 'EINVAL')) return false;
    throw error;
  }
}

/** The numbers of the names that this kernel knows. */
function numbersOf(names: readonly string[]): number[] {
  const last = lastCapability();
  return names.filter((name) => isKnown(name, last)).map((name) => NUMBERS.indexOf(name));
}

const NUMBERS: readonly string[] = CAPABILITIES;

function isKnown(name: string, last: number): boolean {
  const capability = NUMBERS.indexOf(name);
  return capability !== -1 && capability <= last;
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
