import { hasErrno } from '../../errors/syscall-error.ts';
import { declareSyscall } from '../ffi/libc.ts';

// linux/landlock.h
const LANDLOCK_CREATE_RULESET_VERSION = 1;
const LANDLOCK_RULE_PATH_BENEATH = 1;
const LANDLOCK_RULE_NET_PORT = 2;

const nativeCreate = declareSyscall<[Uint8Array | null, number, number]>(
  'landlock_create_ruleset',
  ['void *', 'int64_t', 'int64_t'],
);
const nativeAdd = declareSyscall<[number, number, Uint8Array, number]>('landlock_add_rule', [
  'int64_t',
  'int64_t',
  'void *',
  'int64_t',
]);
const nativeRestrict = declareSyscall<[number, number]>('landlock_restrict_self', [
  'int64_t',
  'int64_t',
]);

/** The kernel's Landlock ABI, from 1 on; 0 without Landlock (before 5.13) or when disabled. */
export function landlockAbi(): number {
  try {
    return nativeCreate(null, 0, LANDLOCK_CREATE_RULESET_VERSION);
  } catch (error) {
    if (hasErrno(error, 'ENOSYS', 'EOPNOTSUPP')) return 0;
    throw error;
  }
}

/** struct landlock_ruleset_attr: bits of LANDLOCK_ACCESS_FS_, _ACCESS_NET_ and _SCOPE_. */
export interface RulesetAttributes {
  fs: number;
  net: number;
  scope: number;
}

/** landlock_create_ruleset(2); the fd is close-on-exec. */
export function createRuleset({ fs, net, scope }: RulesetAttributes): number {
  // The struct of ABI 6. An older kernel accepts fields that it does not know if they are 0.
  const attr = Buffer.alloc(24);
  [fs, net, scope].forEach((bits, i) => {
    attr.writeUInt32LE(bits, 8 * i);
  });
  return nativeCreate(attr, attr.length, 0);
}

/** landlock_add_rule(2): allows `access` on the file of `fd` (O_PATH) and on all files below it. */
export function addPathBeneath(ruleset: number, access: number, fd: number): void {
  // struct landlock_path_beneath_attr, which is packed
  const attr = Buffer.alloc(12);
  attr.writeBigUInt64LE(BigInt(access), 0);
  attr.writeInt32LE(fd, 8);
  nativeAdd(ruleset, LANDLOCK_RULE_PATH_BENEATH, attr, 0);
}

/** landlock_add_rule(2): allows `access` on a TCP port. */
export function addNetPort(ruleset: number, access: number, port: number): void {
  // struct landlock_net_port_attr
  const attr = Buffer.alloc(16);
  attr.writeUInt32LE(access, 0);
  attr.writeUInt32LE(port, 8);
  nativeAdd(ruleset, LANDLOCK_RULE_NET_PORT, attr, 0);
}

/** landlock_restrict_self(2). EPERM when the thread has neither no_new_privs nor CAP_SYS_ADMIN. */
export const restrictSelf = (ruleset: number): void => {
  nativeRestrict(ruleset, 0);
};
