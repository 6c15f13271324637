import { declareNewer } from '../ffi/libc.ts';

// linux/keyctl.h
const KEYCTL_JOIN_SESSION_KEYRING = 1;
const KEYCTL_SETPERM = 5;
const KEYCTL_DESCRIBE = 6;

const nativeJoin = declareNewer<[number, string | null]>('keyctl', ['int64_t', 'const char *'], {
  describe: (_operation, name) => `keyctl KEYCTL_JOIN_SESSION_KEYRING ${name ?? ''}`.trim(),
  changesProcess: (...args) => ({ syscall: 'keyctl', arguments: args }),
});
const nativeSetperm = declareNewer<[number, number, number]>(
  'keyctl',
  ['int64_t', 'int64_t', 'int64_t'],
  { describe: () => 'keyctl KEYCTL_SETPERM' },
);
const nativeDescribe = declareNewer<[number, number, Uint8Array, number]>(
  'keyctl',
  ['int64_t', 'int64_t', 'void *', 'int64_t'],
  { describe: () => 'keyctl KEYCTL_DESCRIBE' },
);

/** KEYCTL_JOIN_SESSION_KEYRING(2const): the keyring's serial. Null makes an unnamed keyring. */
export const joinSessionKeyring = (name: string | null): number =>
  nativeJoin(KEYCTL_JOIN_SESSION_KEYRING, name);

/** KEYCTL_SETPERM(2const). */
export const setKeyPermissions = (serial: number, permissions: number): void => {
  nativeSetperm(KEYCTL_SETPERM, serial, permissions);
};

interface KeyDescription {
  /** The owner, as mapped into the caller's user namespace. */
  uid: number;
  permissions: number;
}

const text = Buffer.allocUnsafeSlow(4096);

/** KEYCTL_DESCRIBE(2const): `type;uid;gid;perm;description`, perm in hex. */
export function describeKey(serial: number): KeyDescription {
  const size = nativeDescribe(KEYCTL_DESCRIBE, serial, text, text.length);
  // The size counts the final NUL.
  const [, uid, , permissions = ''] = text.toString('latin1', 0, size - 1).split(';');
  return { uid: Number(uid), permissions: Number.parseInt(permissions, 16) };
}
