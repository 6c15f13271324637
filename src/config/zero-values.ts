import { translateIdmapOptions } from './idmap-option.ts';
import { isObject } from './is-object.ts';

/**
 * Callers are written in Go, where a field that is absent, null or zero is the same thing. This
 * gives a parsed config.json the form that {@link Spec} promises: no nulls, a user, mappings as
 * runtime-spec has them.
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
  // runc: no default action and no rules is no seccomp.
  if (isObject(seccomp) && !seccomp.defaultAction && isEmpty(seccomp.syscalls)) {
    delete linux.seccomp;
  }
  dropSwappiness(resources);
}

/** Docker's -1 for "not set", as the uint64 that Go makes of it. */
function dropSwappiness(resources: unknown): void {
  const memory = isObject(resources) ? resources.memory : undefined;
  if (isObject(memory) && memory.swappiness === 2n ** 64n - 1n) delete memory.swappiness;
}

/** Without recursion: nothing has looked yet at how deep it goes. */
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
