import { bringInterfaceUp } from '../../syscalls/network/netif.ts';

/** Brings lo up, which is down in a new network namespace: as in runc, programs rely on it. */
export function bringUpLoopback(): void {
  bringInterfaceUp('lo');
}
