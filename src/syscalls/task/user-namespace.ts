import { readFileSync } from 'node:fs';

/** True but in the first user namespace, which alone maps every id to itself: user_namespaces(7). */
export function inUserNamespace(): boolean {
  const map = readFileSync('/proc/self/uid_map', 'latin1').trim().split(/\s+/);
  return map.join(' ') !== '0 0 4294967295';
}

/** True without capabilities over the host: for an ordinary user, or a user namespace's root. */
export const isRootless = (): boolean => process.geteuid!() !== 0 || inUserNamespace();
