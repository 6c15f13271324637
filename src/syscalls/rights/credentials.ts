import { declareSyscall } from '../ffi/libc.ts';

// The bare system calls, which change the calling thread alone. glibc's functions of these names
// signal every other thread and wait for it. A forked init has lost these threads: glibc would
// hang.

const nativeSetgroups = declareSyscall<[number, Uint8Array]>('setgroups', ['int64_t', 'void *'], {
  changesProcess: (...args) => ({ syscall: 'setgroups', arguments: args }),
});

/** setgroups(2): the supplementary groups. */
export function setgroups(gids: readonly number[]): void {
  nativeSetgroups(gids.length, Buffer.from(Uint32Array.from(gids).buffer));
}

/** setgid(2). EINVAL for a gid that the user namespace does not map. */
export const setgid = declareSyscall<[gid: number]>('setgid', ['int64_t'], {
  describe: (gid) => `setgid ${gid}`,
  changesProcess: (gid) => ({ syscall: 'setgid', arguments: [gid] }),
});

/** setuid(2). EINVAL for a uid that the user namespace does not map. */
export const setuid = declareSyscall<[uid: number]>('setuid', ['int64_t'], {
  describe: (uid) => `setuid ${uid}`,
  changesProcess: (uid) => ({ syscall: 'setuid', arguments: [uid] }),
});

type ThreeIds = [real: number, effective: number, saved: number];

/** setresgid(2). */
export const setresgid = declareSyscall<ThreeIds>('setresgid', ['int64_t', 'int64_t', 'int64_t'], {
  describe: (...gids) => `setresgid ${gids.join(' ')}`,
  changesProcess: (...gids) => ({ syscall: 'setresgid', arguments: gids }),
});

/** setresuid(2). */
export const setresuid = declareSyscall<ThreeIds>('setresuid', ['int64_t', 'int64_t', 'int64_t'], {
  describe: (...uids) => `setresuid ${uids.join(' ')}`,
  changesProcess: (...uids) => ({ syscall: 'setresuid', arguments: uids }),
});
