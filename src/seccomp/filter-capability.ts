import { CAPABILITIES } from '../config/names/capabilities.ts';
import type { InitContext } from '../context/init-context.ts';
import { boundingSet, type CapabilitySets, capabilitySets } from '../process/capability-sets.ts';
import { type CapabilityBits, capget, capset } from '../syscalls/rights/capabilities.ts';
import { lowerAmbient, raiseAmbient } from '../syscalls/task/prctl.ts';

/*
 * Without noNewPrivileges, installing a filter needs CAP_SYS_ADMIN, and init installs the filter
 * after all else. So init keeps the capability in addition to process.capabilities, also
 * inheritable and ambient: the trampoline then has it. One capset(2) after the filter gives it up.
 */

export const FILTER_CAPABILITY = CAPABILITIES.indexOf('CAP_SYS_ADMIN');

const BIT = 1n << BigInt(FILTER_CAPABILITY);

/** The bits to keep until the filter is installed. */
export const filterCapabilityBits = ({ seccomp, process }: InitContext): bigint =>
  seccomp && process.noNewPrivileges !== true ? BIT : 0n;

/**
 * Makes the capability inheritable; returns the sets as they were. To be called before the bounding
 * set is limited: only a capability in that set can become inheritable.
 */
export function makeFilterCapabilityInheritable(): CapabilitySets {
  const before = capabilitySets();
  const { effective, permitted, inheritable } = capget();
  capset({ effective, permitted, inheritable: inheritable | (BIT & permitted) });
  return before;
}

/** The last step: makes the capability ambient. `after`: the sets that the program is to have. */
export function makeFilterCapabilityAmbient(ctx: InitContext, after: CapabilitySets): void {
  raiseAmbient(FILTER_CAPABILITY);
  ctx.afterFilter = after;
}

/** Runs `install` with the capability effective, then gives the capability up. */
export function withFilterCapability<T>(after: CapabilitySets, install: () => T): T {
  const { effective } = capget();
  if (!isAmbientAfter(after)) lowerAmbient(FILTER_CAPABILITY);
  capset(setsForFilter(capget()));
  const result = install();
  capset({ effective, permitted: after.permitted, inheritable: after.inheritable });
  return result;
}

/** The sets, with the capability effective. */
export const setsForFilter = (sets: CapabilityBits): CapabilityBits => ({
  ...sets,
  effective: sets.effective | BIT,
});

export const isAmbientAfter = ({ ambient }: CapabilitySets): boolean => (ambient & BIT) !== 0n;

/** The sets that a trampoline of user `uid` would have without the capability: capabilities(7). */
export function trampolineSets(uid: number, after: CapabilitySets): CapabilityBits {
  const { inheritable, ambient } = after;
  const permitted = uid === 0 ? inheritable | boundingSet() : ambient;
  return { effective: permitted, permitted, inheritable };
}
