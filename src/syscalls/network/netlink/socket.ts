import { closeSync, readSync, writeSync } from 'node:fs';
import { syscallError } from '../../ffi/libc.ts';
import { SOCK_CLOEXEC, socket } from '../socket.ts';

// linux/netlink.h, bits/socket.h
const AF_NETLINK = 16;
const SOCK_RAW = 3;
const NETLINK_ROUTE = 0;
const NLM_F_REQUEST = 0x1;
export const NLM_F_ACK = 0x4;
export const NLM_F_EXCL = 0x200;
export const NLM_F_CREATE = 0x400;
export const NLM_F_DUMP = 0x300;
const NLMSG_ERROR = 2;
const NLMSG_DONE = 3;
const HEADER_SIZE = 16;
const RECEIVE_SIZE = 64 * 1024;

/** One message of an answer, without its header. */
interface NetlinkMessage {
  type: number;
  payload: Buffer;
}

/** A request of rtnetlink(7). */
interface NetlinkRequest {
  type: number;
  flags: number;
  payload: Buffer;
  /** What the request does, for the error: `move eth0`. */
  purpose: string;
}

/** An rtnetlink(7) socket of the network namespace that the caller is in when it is made. */
export class NetlinkSocket {
  readonly #fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
  #sequence = 0;

  /** Sends a request and waits for its answer. A mere acknowledgement gives no messages. */
  request({ type, flags, payload, purpose }: NetlinkRequest): NetlinkMessage[] {
    const message = Buffer.alloc(HEADER_SIZE + payload.length);
    message.writeUInt32LE(message.length, 0);
    message.writeUInt16LE(type, 4);
    message.writeUInt16LE(flags | NLM_F_REQUEST, 6);
    message.writeUInt32LE(++this.#sequence, 8);
    payload.copy(message, HEADER_SIZE);
    writeSync(this.#fd, message);
    const answer: NetlinkMessage[] = [];
    while (!this.#receive(answer, purpose)) {}
    return answer;
  }

  /** Receives one packet of messages; true when the answer is complete. */
  #receive(answer: NetlinkMessage[], purpose: string): boolean {
    const buffer = Buffer.alloc(RECEIVE_SIZE);
    const length = readSync(this.#fd, buffer);
    for (let at = 0; at + HEADER_SIZE <= length; ) {
      const size = buffer.readUInt32LE(at);
      const type = buffer.readUInt16LE(at + 4);
      if (type === NLMSG_DONE) return true;
      if (type === NLMSG_ERROR) {
        const errno = -buffer.readInt32LE(at + HEADER_SIZE);
        if (errno !== 0) throw syscallError(errno, 'netlink', purpose);
        return true;
      }
      answer.push({ type, payload: buffer.subarray(at + HEADER_SIZE, at + size) });
      at += (size + 3) & ~3;
    }
    return false;
  }

  close(): void {
    closeSync(this.#fd);
  }
}
