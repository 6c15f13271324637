import { readFileSync } from 'node:fs';

/** True in a user namespace other than the first, which alone maps every id to itself: user_namespaces(7). */
export function inUserNamespace(): boolean {
  const map = readFileSync('/proc/self/uid_map', 'latin1').trim().split(/\s+/);
  return map.join(' ') !== '0 0 4294967295';
}
