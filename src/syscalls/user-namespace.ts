import { readFileSync } from 'node:fs';

/** True in a user namespace other than the first, which alone maps every id to itself: user_namespaces(7). */
export function inUserNamespace(): boolean {
  const map = readFileSync('/proc/self/uid_map', 'latin1').trim().split(/\s+/);
  return map.join(' ') !== '0 0 4294967295';
}

/** True without root's capabilities over the host: as an ordinary user, or as a user namespace's root. */
export const isRootless = (): boolean => process.geteuid!() !== 0 || inUserNamespace();
