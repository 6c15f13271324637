import { attribute, readAttributes, stringAttribute, uint32Attribute } from './attributes.ts';
import { type NetlinkSocket, NLM_F_ACK, NLM_F_CREATE, NLM_F_DUMP, NLM_F_EXCL } from './socket.ts';

// linux/rtnetlink.h, linux/if_link.h, linux/if_addr.h
const RTM_NEWLINK = 16;
const RTM_GETLINK = 18;
const RTM_NEWADDR = 20;
const RTM_GETADDR = 22;
const IFLA_IFNAME = 3;
const IFLA_NET_NS_FD = 28;
const IFA_ADDRESS = 1;
const IFA_LOCAL = 2;
const IFA_FLAGS = 8;
const IFA_F_PERMANENT = 0x80;
const RT_SCOPE_UNIVERSE = 0;
const IFF_UP = 0x1;
/** struct ifinfomsg: family, type, index, flags, change. */
const IFINFOMSG_SIZE = 16;
/** struct ifaddrmsg: family, prefix length, flags, scope, index. */
const IFADDRMSG_SIZE = 8;

/** An address of an interface. */
interface InterfaceAddress {
  family: number;
  prefixLength: number;
  /** 4 bytes of IPv4, 16 of IPv6. */
  local: Buffer;
  /** The peer's on a point-to-point interface; else the same as `local`. */
  address: Buffer;
}

/** The index of the interface `name`. ENODEV when there is no such interface. */
export function findLink(netlink: NetlinkSocket, name: string): number {
  const [link] = netlink.request({
    type: RTM_GETLINK,
    flags: NLM_F_ACK,
    payload: Buffer.concat([linkMessage(0), stringAttribute(IFLA_IFNAME, name)]),
    purpose: `find network device ${name}`,
  });
  return link!.payload.readInt32LE(4);
}

/** Sets an interface up or down. */
export function setLinkUp(netlink: NetlinkSocket, index: number, up: boolean): void {
  netlink.request({
    type: RTM_NEWLINK,
    flags: NLM_F_ACK,
    payload: linkMessage(index, { flags: up ? IFF_UP : 0, change: IFF_UP }),
    purpose: `set network device ${index} ${up ? 'up' : 'down'}`,
  });
}

/** Moves an interface to the namespace of the fd `namespace` as `name`. It loses its addresses. */
export function moveLink(
  netlink: NetlinkSocket,
  index: number,
  { name, namespace }: { name: string; namespace: number },
): void {
  netlink.request({
    type: RTM_NEWLINK,
    flags: NLM_F_ACK,
    payload: Buffer.concat([
      linkMessage(index),
      stringAttribute(IFLA_IFNAME, name),
      uint32Attribute(IFLA_NET_NS_FD, namespace),
    ]),
    purpose: `move network device ${index} to another network namespace as ${name}`,
  });
}

/** An interface's permanent addresses (IFA_F_PERMANENT) of global scope. */
export function permanentAddresses(netlink: NetlinkSocket, index: number): InterfaceAddress[] {
  const answer = netlink.request({
    type: RTM_GETADDR,
    flags: NLM_F_DUMP,
    payload: Buffer.alloc(IFADDRMSG_SIZE),
    purpose: 'list addresses',
  });
  return answer
    .filter(({ payload }) => payload.readUInt32LE(4) === index)
    .filter(({ payload }) => payload[3] === RT_SCOPE_UNIVERSE)
    .flatMap(({ payload }) => {
      const attributes = readAttributes(payload, IFADDRMSG_SIZE);
      const flags = attributes.get(IFA_FLAGS)?.readUInt32LE(0) ?? payload[2]!;
      const address = attributes.get(IFA_ADDRESS);
      if (!address || (flags & IFA_F_PERMANENT) === 0) return [];
      const local = attributes.get(IFA_LOCAL) ?? address;
      return [{ family: payload[0]!, prefixLength: payload[1]!, local, address }];
    });
}

/** Adds an address to an interface. */
export function addAddress(netlink: NetlinkSocket, index: number, added: InterfaceAddress): void {
  const message = Buffer.alloc(IFADDRMSG_SIZE);
  message[0] = added.family;
  message[1] = added.prefixLength;
  message.writeUInt32LE(index, 4);
  netlink.request({
    type: RTM_NEWADDR,
    flags: NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL,
    payload: Buffer.concat([
      message,
      attribute(IFA_LOCAL, added.local),
      attribute(IFA_ADDRESS, added.address),
    ]),
    purpose: `add an address to network device ${index}`,
  });
}

function linkMessage(index: number, { flags = 0, change = 0 } = {}): Buffer {
  const message = Buffer.alloc(IFINFOMSG_SIZE);
  message.writeInt32LE(index, 4);
  message.writeUInt32LE(flags, 8);
  message.writeUInt32LE(change, 12);
  return message;
}
