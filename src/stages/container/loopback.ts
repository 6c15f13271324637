import { makesNamespace } from '../../config/validate/has-namespace.ts';
import type { Launch } from '../../lifecycle/context.ts';
import { bringInterfaceUp } from '../../syscalls/netif.ts';

/** True when the container gets a network namespace of its own making, where lo is down. */
export const createsNetworkNamespace = ({ spec }: Launch): boolean =>
  makesNamespace(spec.linux, 'network');

/** Brings lo up: runc does, and programs count on it. */
export function bringUpLoopback(): void {
  bringInterfaceUp('lo');
}
