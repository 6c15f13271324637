import { declare } from '../ffi/libc.ts';

export const F_SETFD = 2;
const F_SETFL = 4;
const F_DUPFD_CLOEXEC = 1030;
const F_SETPIPE_SZ = 1031;
export const FD_CLOEXEC = 1;

const NAMES: Record<number, string> = {
  [F_SETFD]: 'F_SETFD',
  [F_SETFL]: 'F_SETFL',
  [F_DUPFD_CLOEXEC]: 'F_DUPFD_CLOEXEC',
  [F_SETPIPE_SZ]: 'F_SETPIPE_SZ',
};

const native = declare<[number, number, number]>('int fcntl(int fd, int op, long arg)', {
  describe: (fd, op, arg) => `fcntl ${fd} ${NAMES[op]} ${arg}`,
});

/** F_SETFD(2const): whether exec closes the fd. EBADF when it is not open. */
export const setCloseOnExec = (fd: number, close: boolean): void => {
  native(fd, F_SETFD, close ? FD_CLOEXEC : 0);
};

/** F_SETFL(2const): sets the flags of the open file description, for every fd that shares it. */
export const setFileFlags = (fd: number, flags: number): void => {
  native(fd, F_SETFL, flags);
};

/** F_DUPFD_CLOEXEC(2const): a copy of `fd` whose number is at least `lowest`. */
export const duplicateFrom = (fd: number, lowest: number): number =>
  native(fd, F_DUPFD_CLOEXEC, lowest);

/**
 * F_SETPIPE_SZ(2const): makes a pipe hold at least `size` bytes. EPERM above the system's limit.
 */
export const setPipeSize = (fd: number, size: number): void => {
  native(fd, F_SETPIPE_SZ, size);
};
