import {
  Arm64,
  at,
  sp,
  w0,
  w9,
  w22,
  x0,
  x1,
  x2,
  x3,
  x4,
  x5,
  x9,
  x19,
  x20,
  x21,
  x22,
  x23,
} from '../arm64.ts';
import type { WithListing } from '../assembler.ts';
import { ENOENT, ENOTDIR } from '../constants.ts';
import * as data from './data.ts';

const { FAILED, IMAGE } = data;

/**
 * Registers: x19 the image, x22 which of FAILED, x21 the image's length, later the failure; x20 is
 * the number of bytes to read.
 */
export function launcherArm64(): data.LauncherProgram & WithListing {
  const a = new Arm64();
  a.sub(sp, sp, 16);
  a.mov(x19, sp);
  a.mov(x20, data.LENGTH_SIZE);
  a.bl('read');
  mapImage(a);
  a.mov(x19, x0);
  a.mov(x20, x21);
  a.bl('read');
  a.ldr(w9, 'imageAddress');
  a.mov(x19, x9);
  a.mov(x0, data.COMMAND_FD);
  a.mov(x1, data.F_SETFD);
  a.mov(x2, data.FD_CLOEXEC);
  a.syscall('fcntl');

  a.mov(x22, FAILED.chdir);
  a.ldr(x0, at(x19, IMAGE.cwd));
  a.cbz(x0, 'execute');
  a.syscall('chdir');
  a.tbnz(x0, 63, 'report');
  execute(a);
  report(a);
  putRead(a);

  a.data();
  a.word('imageAddress', data.IMAGE_ADDRESS);
  a.word('mapFlags', data.MAP_FLAGS);
  return a.finish();
}

function mapImage(a: Arm64): void {
  a.ldr(x21, at(sp));
  a.ldr(w0, 'imageAddress');
  a.mov(x1, x21);
  a.mov(x2, data.PROT_READ_WRITE);
  a.ldr(w9, 'mapFlags');
  a.mov(x3, x9);
  a.mov(x4, 0);
  a.mov(x5, 0);
  a.syscall('mmap');
  a.tbnz(x0, 63, 'end');
}

/** Registers: x23 the next of the paths. */
function execute(a: Arm64): void {
  a.label('execute');
  a.mov(x22, FAILED.execve);
  a.mov(x9, ENOENT);
  a.neg(x21, x9);
  a.ldr(x23, at(x19, IMAGE.paths));
  a.label('path');
  a.ldr(x0, at(x23));
  a.cbz(x0, 'no path');
  a.add(x23, x23, 8);
  a.ldr(x1, at(x19, IMAGE.argv));
  a.ldr(x2, at(x19, IMAGE.envp));
  a.syscall('execve');
  a.cmn(x0, ENOENT);
  a.beq('path');
  a.cmn(x0, ENOTDIR);
  a.beq('path');
  a.mov(x21, x0);
  a.b('path');
  a.label('no path');
  a.mov(x0, x21);
}

function report(a: Arm64): void {
  a.label('report');
  a.neg(x0, x0);
  a.str(w22, at(sp));
  a.str(w0, at(sp, 4));
  a.mov(x0, data.COMMAND_FD);
  a.mov(x1, sp);
  a.mov(x2, data.REPORT_SIZE);
  a.syscall('write');
  a.mov(x0, data.NOT_EXECUTED);
  a.syscall('exit_group');
  a.brk();
}

/** The subroutine that reads x20 bytes to x19. Ends the program if there are fewer. */
function putRead(a: Arm64): void {
  a.label('read');
  a.mov(x0, data.COMMAND_FD);
  a.mov(x1, x19);
  a.mov(x2, x20);
  a.syscall('read');
  a.tbnz(x0, 63, 'end');
  a.cbz(x0, 'end');
  a.add(x19, x19, x0);
  a.sub(x20, x20, x0);
  a.cbnz(x20, 'read');
  a.ret();

  a.label('end');
  a.mov(x0, 0);
  a.syscall('exit_group');
  a.brk();
}
