import { readFileSync } from 'node:fs';

/** False only in the initial user namespace, which maps every id to itself: user_namespaces(7). */
export function inUserNamespace(): boolean {
  const map = readFileSync('/proc/self/uid_map', 'utf8').trim().split(/\s+/);
  return map.join(' ') !== '0 0 4294967295';
}

/** True for an ordinary user and for root in a user namespace: neither has rights over the host. */
export const isRootless = (): boolean => process.geteuid!() !== 0 || inUserNamespace();
