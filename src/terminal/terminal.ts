import { closeSync, constants, fstatSync } from 'node:fs';
import { hasErrno } from '../errors/syscall-error.ts';
import { closeFd } from '../syscalls/files/close-fd.ts';
import { dup2, fchown, makedev, O_CLOEXEC, O_PATH, openat } from '../syscalls/files/file.ts';
import { openInRoot } from '../syscalls/files/path.ts';
import { DEVPTS_SUPER_MAGIC, fstatfs } from '../syscalls/files/statfs.ts';
import { setsid } from '../syscalls/task/process.ts';
import {
  openPtyPeer,
  ptyNumber,
  setControllingTerminal,
  setWindowSize,
  unlockPty,
  type WindowSize,
} from '../syscalls/tty/tty.ts';

const { O_RDWR, O_NOCTTY, O_NOFOLLOW } = constants;

// fs/devpts/inode.c: mknod_ptmx
const PTMX_DEVICE = makedev(5, 2);
const PTMX_INODE = 2n;

interface TerminalOptions {
  /** The container's root directory: its dev/pts/ptmx makes the terminal. */
  rootFd: number;
  /** A private procfs handle. */
  procfs: number;
  /** Absent, or 0 by 0: the size stays the kernel's 0 by 0. */
  size?: WindowSize | undefined;
  /** The user that gets the slave end; the group is devpts' own. */
  uid: number;
}

/** A new pseudoterminal; both fds are close-on-exec. */
interface Terminal {
  master: number;
  slave: number;
  /** Its name in the container: `/dev/pts/0`. */
  name: string;
}

/** Makes a pseudoterminal in the container's own devpts. */
export function createTerminal({ rootFd, procfs, size, uid }: TerminalOptions): Terminal {
  const master = openMaster(rootFd, procfs);
  try {
    unlockPty(master);
    if (size && size.rows !== 0 && size.columns !== 0) setWindowSize(master, size);
    const slave = openPtyPeer(master, O_RDWR | O_NOCTTY | O_CLOEXEC);
    giveTo(slave, uid);
    return { master, slave, name: `/dev/pts/${ptyNumber(master)}` };
  } catch (error) {
    closeSync(master);
    throw error;
  }
}

/** Opening a device has effects, so ptmx is checked by an O_PATH fd first. */
function openMaster(rootFd: number, procfs: number): number {
  using fds = new DisposableStack();
  const handle = fds.adopt(openInRoot(rootFd, 'dev/pts/ptmx', O_PATH | O_NOFOLLOW), closeFd);
  checkPtmx(handle);
  return openat(procfs, `self/fd/${handle}`, O_RDWR | O_NOCTTY);
}

/** Refuses what is not devpts' own ptmx. */
function checkPtmx(handle: number): void {
  const { type } = fstatfs(handle);
  if (type !== DEVPTS_SUPER_MAGIC) {
    throw new Error(`/dev/pts/ptmx is not on a devpts: its file system is 0x${type.toString(16)}`);
  }
  const { ino, rdev, mode } = fstatSync(handle, { bigint: true });
  const isDevice = (mode & BigInt(constants.S_IFMT)) === BigInt(constants.S_IFCHR);
  if (!isDevice || rdev !== PTMX_DEVICE || ino !== PTMX_INODE) {
    throw new Error('/dev/pts/ptmx is not the device 5:2 that devpts makes');
  }
}

function giveTo(slave: number, uid: number): void {
  try {
    fchown(slave, uid, -1);
  } catch (error) {
    // As in fixStdioOwnership: devpts is read-only, or of another user namespace.
    if (!hasErrno(error, 'EPERM', 'EROFS')) throw error;
  }
}

/** Makes `slave` the calling process's controlling terminal, in a new session. */
export function makeControllingTerminal(slave: number): void {
  try {
    setsid();
  } catch (error) {
    // EPERM: the process leads a process group already.
    if (!hasErrno(error, 'EPERM')) throw error;
  }
  setControllingTerminal(slave);
}

/** Makes `slave` the calling process's stdio. */
export function useTerminal(slave: number): void {
  for (const fd of [0, 1, 2]) dup2(slave, fd);
}
