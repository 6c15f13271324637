import { isObject } from '../config/is-object.ts';
import type { ContainerRecord } from './record.ts';

/** True for a state.json that davit wrote. davit must not act on another runtime's. */
export function isRecord(value: unknown): value is ContainerRecord {
  if (!isObject(value)) return false;
  const texts = ['ociVersion', 'id', 'bundle', 'rootfs', 'created'];
  const numbers = ['owner', 'initPid', 'initStartTime'];
  return (
    texts.every((name) => typeof value[name] === 'string') &&
    numbers.every((name) => Number.isInteger(value[name])) &&
    (value.bootId === undefined || typeof value.bootId === 'string') &&
    (value.plugins === undefined || isObject(value.plugins)) &&
    (value.cgroup === undefined || isCgroup(value.cgroup)) &&
    (value.resctrl === undefined || isResctrl(value.resctrl))
  );
}

function isCgroup(value: unknown): boolean {
  return (
    isObject(value) && Array.isArray(value.hierarchies) && value.hierarchies.every(isHierarchy)
  );
}

const isHierarchy = (value: unknown): boolean =>
  isObject(value) &&
  Array.isArray(value.controllers) &&
  typeof value.mountpoint === 'string' &&
  typeof value.path === 'string';

const isResctrl = (value: unknown): boolean =>
  isObject(value) &&
  typeof value.group === 'string' &&
  typeof value.remove === 'boolean' &&
  (value.monitoring === undefined || typeof value.monitoring === 'string');
