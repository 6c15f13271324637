import { bringInterfaceUp } from '../../syscalls/network/netif.ts';

/** Brings lo up, which is down in a new network namespace: runc does, and programs count on it. */
export function bringUpLoopback(): void {
  bringInterfaceUp('lo');
}
