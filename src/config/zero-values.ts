import { isObject } from './is-object.ts';
import { translateIdmapOptions } from './mounts/idmap-option.ts';

/**
 * Callers are written in Go, where absent, null and zero fields mean the same. This gives a parsed
 * config.json the form of {@link Spec}: no nulls, a user, and mappings as in the runtime-spec.
 */
export function fillSpec(spec: unknown, text: string): unknown {
  if (text.includes('null')) dropNulls(spec);
  if (!isObject(spec)) return spec;
  fillUser(spec.process);
  if (isObject(spec.linux)) dropUnset(spec.linux);
  if (text.includes('idmap=')) translateIdmapOptions(spec);
  return spec;
}

/** {@link fillSpec} for a `process` object alone. */
export function fillProcess(process: unknown, text: string): unknown {
  if (text.includes('null')) dropNulls(process);
  fillUser(process);
  return process;
}

/** {@link fillSpec} for a `resources` object alone. */
export function fillResources(resources: unknown, text: string): unknown {
  if (text.includes('null')) dropNulls(resources);
  dropSwappiness(resources);
  return resources;
}

function fillUser(process: unknown): void {
  if (!isObject(process)) return;
  process.user ??= {};
  if (!isObject(process.user)) return;
  process.user.uid ??= 0;
  process.user.gid ??= 0;
}

function dropUnset(linux: JsonObject): void {
  const { seccomp, resources } = linux;
  // As in runc, seccomp without a default action and without rules means none.
  if (isObject(seccomp) && !seccomp.defaultAction && isEmpty(seccomp.syscalls)) {
    delete linux.seccomp;
  }
  dropSwappiness(resources);
}

/** Docker's -1 for "not set", which Go writes as a uint64. */
function dropSwappiness(resources: unknown): void {
  const memory = isObject(resources) ? resources.memory : undefined;
  if (isObject(memory) && memory.swappiness === 2n ** 64n - 1n) delete memory.swappiness;
}

/** Without recursion, as the value may be nested too deeply for the stack. */
function dropNulls(top: unknown): void {
  const pending = [top];
  while (pending.length > 0) {
    const value = pending.pop();
    if (Array.isArray(value)) for (const item of value) pending.push(item);
    else if (isObject(value)) {
      for (const [key, item] of Object.entries(value)) {
        if (item === null) delete value[key];
        else pending.push(item);
      }
    }
  }
}

type JsonObject = Record<string, unknown>;

function isEmpty(list: unknown): boolean {
  return list === undefined || (Array.isArray(list) && list.length === 0);
}
