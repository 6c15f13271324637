import { CAPABILITIES } from '../config/names/capabilities.ts';
import type { Capabilities } from '../config/types.ts';
import { hasErrno } from '../errors/syscall-error.ts';
import { type CapabilityBits, capget, capset } from '../syscalls/rights/capabilities.ts';
import {
  clearAmbientSet,
  dropFromBoundingSet,
  inAmbientSet,
  inBoundingSet,
  raiseAmbient,
} from '../syscalls/task/prctl.ts';

const CAP_SETPCAP = CAPABILITIES.indexOf('CAP_SETPCAP');

/** The names in `capabilities` that the calling thread lacks, so cannot give to a program. */
export function unavailableCapabilities({ bounding: _, ...sets }: Capabilities): string[] {
  const { permitted } = capget();
  const numbers = new Set(numbersOf(Object.values(sets).flat()));
  return [...numbers].filter((number) => !(permitted & bit(number))).map((n) => NAMES[n]!);
}

/**
 * Takes all but `bounding` out of the bounding set, where CAP_SETPCAP allows it; capabilities(7).
 */
export function limitBoundingSet({ bounding = [] }: Capabilities): void {
  if (((capget().effective >> BigInt(CAP_SETPCAP)) & 1n) === 0n) return;
  const keep = new Set(numbersOf(bounding));
  const last = lastCapability();
  for (let capability = 0; capability <= last; capability++) {
    if (!keep.has(capability)) dropFromBoundingSet(capability);
  }
}

/** The sets of a thread that decide which capabilities a program gets that it executes. */
export interface CapabilitySets {
  permitted: bigint;
  inheritable: bigint;
  ambient: bigint;
}

/** The calling thread's sets. */
export function capabilitySets(): CapabilitySets {
  const { permitted, inheritable } = capget();
  return { permitted, inheritable, ambient: all(inAmbientSet) };
}

/**
 * The sets for a trampoline that comes to its rights by calls, without an execve(2) after them. As
 * after execve(2), a user other than root has what is ambient.
 */
export function setsWithoutExec(uid: number): CapabilityBits {
  const sets = capget();
  if (uid === 0) return sets;
  const ambient = all(inAmbientSet);
  return { ...sets, effective: ambient, permitted: ambient };
}

/** The calling thread's bounding set. */
export const boundingSet = (): bigint => all(inBoundingSet);

/**
 * Sets the effective, permitted, inheritable and ambient sets of the calling thread. What the
 * kernel would not grant is left out (config.md, Linux Process): a capability that the thread
 * lacks, an effective one that is not permitted, an ambient one that is not both permitted and
 * inheritable. The capabilities `kept` also stay permitted and inheritable. Returns the sets
 * without `kept`.
 */
export function applyCapabilities(capabilities: Capabilities, kept = 0n): CapabilitySets {
  const own = capget();
  const permitted = bits(capabilities.permitted) & own.permitted;
  const inheritable =
    bits(capabilities.inheritable, inBoundingSet) & (own.inheritable | own.permitted);
  capset({
    effective: bits(capabilities.effective) & permitted,
    permitted: permitted | (kept & own.permitted),
    inheritable: inheritable | (kept & own.inheritable),
  });
  clearAmbientSet();
  const ambient = bits(capabilities.ambient) & permitted & inheritable;
  for (const capability of numbersOf(capabilities.ambient ?? [])) {
    if (ambient & bit(capability)) raiseAmbient(capability);
  }
  return { permitted, inheritable, ambient };
}

const bit = (capability: number): bigint => 1n << BigInt(capability);

/** The capabilities of this kernel for which `isIn` is true. */
function all(isIn: (capability: number) => boolean): bigint {
  let set = 0n;
  for (let capability = lastCapability(); capability >= 0; capability--) {
    if (isIn(capability)) set |= bit(capability);
  }
  return set;
}

/** The bits of those `names` that this kernel knows and for which `accepts` is true. */
const bits = (names: readonly string[] = [], accepts = (_number: number) => true): bigint =>
  numbersOf(names)
    .filter(accepts)
    .reduce((set, number) => set | bit(number), 0n);

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
      if (!hasErrno(error, 'EINVAL') || capability === 0) throw error;
    }
  }
}
