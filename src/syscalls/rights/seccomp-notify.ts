import { declare } from '../ffi/libc.ts';

// linux/seccomp.h
const SECCOMP_IOCTL_NOTIF_RECV = 0xc0502100;
const SECCOMP_IOCTL_NOTIF_SEND = 0xc0182101;
const SECCOMP_USER_NOTIF_FLAG_CONTINUE = 1;

const NAMES = new Map([
  [SECCOMP_IOCTL_NOTIF_RECV, 'SECCOMP_IOCTL_NOTIF_RECV'],
  [SECCOMP_IOCTL_NOTIF_SEND, 'SECCOMP_IOCTL_NOTIF_SEND'],
]);

const ioctl = declare<[number, number, Uint8Array]>(
  'int ioctl(int fd, unsigned long request, _Inout_ void *argument)',
  { describe: (_fd, request) => `ioctl ${NAMES.get(request)}` },
);

/** struct seccomp_notif (linux/seccomp.h) with its struct seccomp_data. */
export interface SeccompNotif {
  id: bigint;
  /** Thread id of the thread that made the system call, in the pid namespace of the reader. */
  pid: number;
  /** The system call's number. */
  nr: number;
  /** AUDIT_ARCH_*. */
  arch: number;
  args: bigint[];
}

/** SECCOMP_IOCTL_NOTIF_RECV(2const): waits for a call. ENOENT when its thread has been killed. */
export function receiveNotif(listener: number): SeccompNotif {
  const bytes = Buffer.alloc(80);
  ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, bytes);
  return {
    id: bytes.readBigUInt64LE(0),
    pid: bytes.readUInt32LE(8),
    nr: bytes.readInt32LE(16),
    arch: bytes.readUInt32LE(20),
    args: [0, 1, 2, 3, 4, 5].map((i) => bytes.readBigUInt64LE(32 + 8 * i)),
  };
}

/** The answer to a call: let the kernel carry it out, return `value`, or fail with `errno`. */
export type NotifAnswer = 'continue' | { value: bigint } | { errno: number };

/** SECCOMP_IOCTL_NOTIF_SEND(2const). ENOENT when the call's thread has been killed. */
export function answerNotif(listener: number, id: bigint, answer: NotifAnswer): void {
  // struct seccomp_notif_resp: id, val, error, flags.
  const bytes = Buffer.alloc(24);
  bytes.writeBigUInt64LE(id, 0);
  if (answer === 'continue') bytes.writeUInt32LE(SECCOMP_USER_NOTIF_FLAG_CONTINUE, 20);
  else if ('value' in answer) bytes.writeBigInt64LE(answer.value, 8);
  else bytes.writeInt32LE(-answer.errno, 16);
  ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, bytes);
}
