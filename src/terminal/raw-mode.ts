import { type Termios, tcgetattr, tcsetattr } from '../syscalls/tty/tty.ts';

// asm-generic/termbits.h and termbits-common.h
const IGNBRK = 0x001;
const BRKINT = 0x002;
const PARMRK = 0x008;
const ISTRIP = 0x020;
const INLCR = 0x040;
const IGNCR = 0x080;
const ICRNL = 0x100;
const IXON = 0x400;
const ONLCR = 0x4;
const ISIG = 0x1;
const ICANON = 0x2;
const ECHO = 0x8;
const ECHONL = 0x40;
const IEXTEN = 0x8000;
const CSIZE = 0x30;
const CS8 = 0x30;
const PARENB = 0x100;

// struct termios: c_iflag, c_oflag, c_cflag, c_lflag, c_line, c_cc[19]
const C_IFLAG = 0;
const C_OFLAG = 4;
const C_CFLAG = 8;
const C_LFLAG = 12;
const C_CC = 17;
const VTIME = 5;
const VMIN = 6;

/**
 * cfmakeraw(3), except that output processing stays on: the container's terminal leaves it to the
 * caller's.
 */
function rawTermios(termios: Termios): Termios {
  const raw = Buffer.from(termios);
  clear(raw, C_IFLAG, IGNBRK | BRKINT | PARMRK | ISTRIP | INLCR | IGNCR | ICRNL | IXON);
  clear(raw, C_LFLAG, ECHO | ECHONL | ICANON | ISIG | IEXTEN);
  clear(raw, C_CFLAG, CSIZE | PARENB);
  raw.writeUInt32LE(raw.readUInt32LE(C_CFLAG) | CS8, C_CFLAG);
  raw[C_CC + VMIN] = 1;
  raw[C_CC + VTIME] = 0;
  return raw;
}

/** Puts the terminal `fd` in raw mode; returns a function that restores its modes. */
export function setRawMode(fd: number): () => void {
  const before = tcgetattr(fd);
  tcsetattr(fd, rawTermios(before));
  return () => tcsetattr(fd, before);
}

/** Stops `\n` from becoming `\r\n` in the output of the pseudoterminal whose master is `fd`. */
export function clearOnlcr(fd: number): void {
  const termios = tcgetattr(fd);
  clear(termios, C_OFLAG, ONLCR);
  tcsetattr(fd, termios);
}

function clear(termios: Termios, at: number, bits: number): void {
  termios.writeUInt32LE((termios.readUInt32LE(at) & ~bits) >>> 0, at);
}
