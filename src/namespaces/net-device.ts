import { closeSync, openSync } from 'node:fs';
import {
  addAddress,
  findLink,
  moveLink,
  permanentAddresses,
  setLinkUp,
} from '../syscalls/network/netlink/link.ts';
import { NetlinkSocket } from '../syscalls/network/netlink/socket.ts';
import { CLONE_NEWNET, setns } from '../syscalls/task/namespaces.ts';

interface NetDeviceMove {
  /** The device's name in `from`. */
  name: string;
  /** The device's name in `to`. */
  newName: string;
  /** fds of the network namespaces. */
  from: number;
  to: number;
}

/**
 * Moves a network device to another network namespace (config-linux.md, Network Devices): it is
 * renamed on the way, keeps its permanent global addresses, and is up afterwards.
 */
export function moveNetDevice({ name, newName, from, to }: NetDeviceMove): void {
  const source = netlinkIn(from);
  const target = netlinkIn(to);
  try {
    const index = findLink(source, name);
    setLinkUp(source, index, false);
    const addresses = permanentAddresses(source, index);
    moveLink(source, index, { name: newName, namespace: to });
    const moved = findLink(target, newName);
    for (const address of addresses) addAddress(target, moved, address);
    setLinkUp(target, moved, true);
  } finally {
    source.close();
    target.close();
  }
}

/** A socket stays in the network namespace it is made in. */
const netlinkIn = (namespace: number): NetlinkSocket =>
  inNetworkNamespace(namespace, () => new NetlinkSocket());

/** Runs `action` while the calling thread is in another network namespace. */
export function inNetworkNamespace<T>(namespace: number, action: () => T): T {
  const own = openSync('/proc/thread-self/ns/net', 'r');
  try {
    setns(namespace, CLONE_NEWNET);
    return action();
  } finally {
    setns(own, CLONE_NEWNET);
    closeSync(own);
  }
}
