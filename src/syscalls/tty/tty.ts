import { declare } from '../ffi/libc.ts';

// asm-generic/ioctls.h, the same on x86-64 and arm64
const TCGETS = 0x5401;
const TCSETS = 0x5402;
export const TIOCSCTTY = 0x540e;
const TIOCGWINSZ = 0x5413;
const TIOCSWINSZ = 0x5414;
const FIONBIO = 0x5421;
const TIOCGPTN = 0x80045430;
const TIOCSPTLCK = 0x40045431;
const TIOCGPTPEER = 0x5441;

/** sizeof(struct termios) of asm-generic/termbits.h: four flag words, c_line, c_cc[19]. */
const TERMIOS_SIZE = 36;

const REQUEST_NAMES = new Map<number, string>([
  [TCGETS, 'TCGETS'],
  [TCSETS, 'TCSETS'],
  [TIOCSCTTY, 'TIOCSCTTY'],
  [TIOCGWINSZ, 'TIOCGWINSZ'],
  [TIOCSWINSZ, 'TIOCSWINSZ'],
  [FIONBIO, 'FIONBIO'],
  [TIOCGPTN, 'TIOCGPTN'],
  [TIOCSPTLCK, 'TIOCSPTLCK'],
  [TIOCGPTPEER, 'TIOCGPTPEER'],
]);

const describe = (_fd: number, request: number): string => `ioctl ${REQUEST_NAMES.get(request)}`;
const ioctlPointer = declare<[number, number, Uint8Array]>(
  'int ioctl(int fd, unsigned long request, void *argp)',
  { describe },
);
const ioctlValue = declare<[number, number, number]>(
  'int ioctl(int fd, unsigned long request, long arg)',
  { describe },
);

/**
 * struct termios of asm-generic/termbits.h, 36 bytes: c_iflag, c_oflag, c_cflag and c_lflag as
 * 32-bit words, the line discipline, then the control characters.
 */
export type Termios = Buffer;

/** termios(3): the attributes of the terminal `fd`; ENOTTY when `fd` is no terminal. */
export function tcgetattr(fd: number): Termios {
  const termios = Buffer.alloc(TERMIOS_SIZE);
  ioctlPointer(fd, TCGETS, termios);
  return termios;
}

/** isatty(3). */
export function isTerminal(fd: number): boolean {
  try {
    tcgetattr(fd);
    return true;
  } catch {
    return false;
  }
}

/** termios(3), with TCSANOW. */
export function tcsetattr(fd: number, termios: Termios): void {
  ioctlPointer(fd, TCSETS, termios);
}

/** TIOCGWINSZ(2const): in characters. */
export interface WindowSize {
  rows: number;
  columns: number;
}

/** The size of the terminal `fd`. */
export function getWindowSize(fd: number): WindowSize {
  const winsize = Buffer.alloc(8);
  ioctlPointer(fd, TIOCGWINSZ, winsize);
  return { rows: winsize.readUInt16LE(0), columns: winsize.readUInt16LE(2) };
}

/** Sets the size of the terminal `fd`; its foreground process group gets SIGWINCH on a change. */
export function setWindowSize(fd: number, { rows, columns }: WindowSize): void {
  const winsize = Buffer.alloc(8);
  winsize.writeUInt16LE(rows, 0);
  winsize.writeUInt16LE(columns, 2);
  ioctlPointer(fd, TIOCSWINSZ, winsize);
}

/** TIOCSCTTY(2const): makes `fd` the controlling terminal of the calling session leader. */
export function setControllingTerminal(fd: number): void {
  ioctlValue(fd, TIOCSCTTY, 0);
}

/** ioctl_tty(2), TIOCSPTLCK: lets the slave end of the master `fd` be opened. */
export function unlockPty(fd: number): void {
  ioctlPointer(fd, TIOCSPTLCK, Buffer.alloc(4));
}

/** ioctl_tty(2), TIOCGPTN: the N in the slave end's name, /dev/pts/N. */
export function ptyNumber(fd: number): number {
  const number = Buffer.alloc(4);
  ioctlPointer(fd, TIOCGPTN, number);
  return number.readUInt32LE(0);
}

/** ioctl_tty(2), TIOCGPTPEER: opens the slave end of the master `fd` with no path involved. */
export function openPtyPeer(fd: number, flags: number): number {
  return ioctlValue(fd, TIOCGPTPEER, flags);
}

/** ioctl(2), FIONBIO: O_NONBLOCK on or off, for every fd that shares the open file description. */
export function setNonblocking(fd: number, nonblocking = true): void {
  const on = Buffer.alloc(4);
  on.writeInt32LE(nonblocking ? 1 : 0);
  ioctlPointer(fd, FIONBIO, on);
}
