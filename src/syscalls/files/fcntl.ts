import { declare } from '../ffi/libc.ts';

export const F_SETFD = 2;
const F_SETFL = 4;
export const FD_CLOEXEC = 1;

const native = declare<[number, number, number]>('int fcntl(int fd, int op, long arg)', {
  describe: (fd, op, flags) => `fcntl ${fd} ${op === F_SETFL ? 'F_SETFL' : 'F_SETFD'} ${flags}`,
});

/** F_SETFD(2const): whether exec closes the fd. EBADF when it is not open. */
export const setCloseOnExec = (fd: number, close: boolean): void => {
  native(fd, F_SETFD, close ? FD_CLOEXEC : 0);
};

/** F_SETFL(2const): sets the flags of the open file description, for every fd that shares it. */
export const setFileFlags = (fd: number, flags: number): void => {
  native(fd, F_SETFL, flags);
};
