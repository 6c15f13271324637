import { declare } from './libc.ts';

export const F_SETFD = 2;
export const FD_CLOEXEC = 1;

const native = declare<[number, number, number]>('int fcntl(int fd, int op, long arg)', {
  describe: (fd, _op, flags) => `fcntl ${fd} F_SETFD ${flags}`,
});

/** F_SETFD(2const): whether exec closes the fd. EBADF when it is not open. */
export const setCloseOnExec = (fd: number, close: boolean): void => {
  native(fd, F_SETFD, close ? FD_CLOEXEC : 0);
};
