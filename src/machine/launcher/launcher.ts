import { assemble } from '../assemble.ts';
import type { MachineArch, WithListing } from '../assembler.ts';
import { ENOENT, ENOTDIR } from '../constants.ts';
import { a0, a1, a2, at, type Machine, result, s0, s1, s2, s3, s4, sp } from '../machine.ts';
import * as data from './data.ts';

const { FAILED, IMAGE } = data;

const image = s0;
/** The number of bytes to read. */
const unread = s1;
/** One of FAILED. */
const stage = s2;
/** The image's length; later the failure. */
const length = s3;
const failure = s3;

/** The program that data.ts describes. The build makes the file davit-launcher from it. */
export const launcherProgram = (arch: MachineArch): data.LauncherProgram & WithListing =>
  assemble(arch, launcher);

function launcher(m: Machine): void {
  m.subtract(sp, 16);
  m.move(image, sp);
  m.set(unread, data.LENGTH_SIZE);
  m.call('read');
  m.load(length, at(sp));
  m.syscall('mmap', data.IMAGE_ADDRESS, length, data.PROT_READ_WRITE, data.MAP_FLAGS, 0, 0);
  m.ifNegative(result, 'end');
  m.set(image, data.IMAGE_ADDRESS);
  m.move(unread, length);
  m.call('read');
  m.set(image, data.IMAGE_ADDRESS);
  m.syscall('fcntl', data.COMMAND_FD, data.F_SETFD, data.FD_CLOEXEC);

  m.set(stage, FAILED.chdir);
  m.load(a0, at(image, IMAGE.cwd));
  m.ifEqual(a0, 0, 'execute');
  m.syscall('chdir');
  m.move(failure, result);
  m.ifNegative(failure, 'report');
  execute(m);
  report(m);
  putRead(m);
}

function execute(m: Machine): void {
  const path = s4;
  m.label('execute');
  m.set(stage, FAILED.execve);
  m.set(failure, -ENOENT);
  m.load(path, at(image, IMAGE.paths));
  m.label('path');
  m.load(a0, at(path));
  m.ifEqual(a0, 0, 'report');
  m.add(path, 8);
  m.load(a1, at(image, IMAGE.argv));
  m.load(a2, at(image, IMAGE.envp));
  m.syscall('execve');
  m.ifEqual(result, -ENOENT, 'path');
  m.ifEqual(result, -ENOTDIR, 'path');
  m.move(failure, result);
  m.jump('path');
}

function report(m: Machine): void {
  m.label('report');
  m.negate(failure);
  m.store32(at(sp), stage);
  m.store32(at(sp, 4), failure);
  m.syscall('write', data.COMMAND_FD, sp, data.REPORT_SIZE);
  m.exit(data.NOT_EXECUTED);
}

/** The subroutine that reads `unread` bytes to `image`. Ends the program if there are fewer. */
function putRead(m: Machine): void {
  m.label('read');
  m.syscall('read', data.COMMAND_FD, image, unread);
  m.ifNegative(result, 'end');
  m.ifEqual(result, 0, 'end');
  m.add(image, result);
  m.subtract(unread, result);
  m.ifNotEqual(unread, 0, 'read');
  m.return();

  m.label('end');
  m.exit(0);
}
