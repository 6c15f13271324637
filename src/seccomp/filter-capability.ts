import { CAPABILITIES } from '../config/names/capabilities.ts';
import type { InitContext } from '../lifecycle/context.ts';
import { boundingSet, type CapabilitySets, capabilitySets } from '../process/capability-sets.ts';
import { type CapabilityBits, capget, capset } from '../syscalls/rights/capabilities.ts';
import { lowerAmbient, raiseAmbient } from '../syscalls/task/prctl.ts';

/*
 * Without noNewPrivileges a filter takes CAP_SYS_ADMIN to install, and is to be installed when all
 * else is done. So the capability is kept beyond what process.capabilities leaves, inheritable and
 * ambient as well, so that the trampoline has it, and given up by one capset(2) after the filter.
 */

export const FILTER_CAPABILITY = CAPABILITIES.indexOf('CAP_SYS_ADMIN');

const BIT = 1n << BigInt(FILTER_CAPABILITY);

/** The bits to keep until the filter is installed. */
export const keptForFilter = ({ seccomp, process }: InitContext): bigint =>
  seccomp && process.noNewPrivileges !== true ? BIT : 0n;

/** To be called before the bounding set is limited, which new inheritable ones must be in. */
export function keepForFilter(): CapabilitySets {
  const before = capabilitySets();
  const { effective, permitted, inheritable } = capget();
  capset({ effective, permitted, inheritable: inheritable | (BIT & permitted) });
  return before;
}

/** As the last step: `after` are the sets that the program is to have. */
export function carryFilterCapability(ctx: InitContext, after: CapabilitySets): void {
  raiseAmbient(FILTER_CAPABILITY);
  ctx.afterFilter = after;
}

/** Runs `install` with the capability, and gives it up. */
export function withFilterCapability<T>(after: CapabilitySets, install: () => T): T {
  const { effective, permitted, inheritable } = capget();
  if (!isAmbientAfter(after)) lowerAmbient(FILTER_CAPABILITY);
  capset({ effective: effective | BIT, permitted, inheritable });
  const result = install();
  capset({ effective, permitted: after.permitted, inheritable: after.inheritable });
  return result;
}

export const isAmbientAfter = ({ ambient }: CapabilitySets): boolean => (ambient & BIT) !== 0n;

/** What the trampoline, executed by user `uid`, would have had but for the capability: capabilities(7). */
export function trampolineSets(uid: number, after: CapabilitySets): CapabilityBits {
  const { inheritable, ambient } = after;
  const permitted = uid === 0 ? inheritable | boundingSet() : ambient;
  return { effective: permitted, permitted, inheritable };
}
