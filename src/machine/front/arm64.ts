import {
  Arm64,
  at,
  popped,
  pushed,
  sp,
  w0,
  w2,
  w9,
  w10,
  x0,
  x1,
  x2,
  x3,
  x4,
  x5,
  x9,
  x10,
  x11,
  x19,
  x20,
  x21,
  x22,
  x23,
  x24,
  x30,
} from '../arm64.ts';
import type { WithListing } from '../assembler.ts';
import * as constants from '../constants.ts';
import * as data from './data.ts';
import { askServer } from './door-arm64.ts';

const { FRAME, LIMITS, BUFFERS } = data;
const SLASH = '/'.charCodeAt(0);
const ZERO = '0'.charCodeAt(0);

/**
 * Registers: x19 argc, argv and envp as the kernel put them; x20 the frame; x21 the end of the
 * front's directory within the path of Node.
 */
export function frontArm64(settings: data.FrontSettings): data.FrontProgram & WithListing {
  const a = new Arm64();
  a.mov(x19, sp);
  a.sub(sp, sp, FRAME.size(settings));
  a.mov(x20, sp);
  checkLimits(a);
  askServer(a, settings);
  tryThreads(a);
  a.sub(sp, sp, BUFFERS.size);
  findLoader(a);
  moveVariables(a, settings);
  addArguments(a, settings);
  executeNode(a);
  sayAndEnd(a);
  putSubroutines(a);
  data.putData(a, 'arm64', settings);
  return a.finish();
}

function checkLimits(a: Arm64): void {
  for (const { name, number, hard, unit } of LIMITS) {
    a.mov(x0, 0);
    a.mov(x1, number);
    a.mov(x2, 0);
    a.add(x3, x20, FRAME.limit.soft);
    a.syscall('prlimit64');
    a.adr(x1, 'noLimits');
    a.tbnz(x0, 63, 'say');
    a.ldr(x2, at(x20, hard ? FRAME.limit.hard : FRAME.limit.soft));
    if (unit === ' KiB') a.lsr(x2, x2, 10);
    a.adr(x1, name);
    a.ldr(w9, `${name} minimum`);
    a.cmp(x2, x9);
    a.bcc('sayNumber');
  }
}

function tryThreads(a: Arm64): void {
  a.mov(x0, 0);
  a.mov(x1, 0);
  a.syscall('clone3');
  a.cmn(x0, constants.EINVAL);
  a.beq('threads');
  a.adr(x1, 'noClone3');
  a.cmn(x0, constants.ENOSYS);
  a.bne('say');

  // All threads run this loop and share the stack: they use it only to say that clone(2) failed.
  a.label('threads');
  a.mov(x21, 2);
  a.label('thread');
  a.ldr(w0, 'threadFlags');
  a.mov(x1, 0);
  a.add(x2, x20, FRAME.thread);
  a.mov(x3, 0);
  a.add(x4, x20, FRAME.thread);
  a.syscall('clone');
  a.adr(x1, 'noThread');
  a.tbnz(x0, 63, 'say');
  a.cbnz(x0, 'made');
  a.sub(x21, x21, 1);
  a.cbnz(x21, 'thread');
  a.label('end');
  a.mov(x0, 0);
  a.syscall('exit');
  a.brk();

  // Only the first process still has 2. It waits until the thread that wrote its id last has ended.
  a.label('made');
  a.cmp(x21, 2);
  a.bne('end');
  a.label('wait');
  a.ldr(w2, at(x20, FRAME.thread));
  a.cbz(w2, 'ready');
  a.add(x0, x20, FRAME.thread);
  a.mov(x1, constants.FUTEX_WAIT);
  a.mov(x3, 0);
  a.syscall('futex');
  a.b('wait');
  a.label('ready');
}

function findLoader(a: Arm64): void {
  a.ldr(w0, 'workingDirectory');
  a.adr(x1, 'self');
  a.add(x2, sp, BUFFERS.node);
  a.mov(x3, data.PATH_SIZE);
  a.syscall('readlinkat');
  a.adr(x1, 'noSelf');
  a.cmp(x0, data.PATH_SIZE);
  a.bcs('say');

  // Cuts the path behind its last slash. A slash before the path ends the search in any case.
  a.mov(x9, SLASH);
  a.add(x21, sp, BUFFERS.node);
  a.sub(x10, x21, 1);
  a.strb(w9, at(x10));
  a.add(x21, x21, x0);
  a.label('back');
  a.sub(x21, x21, 1);
  a.ldrb(w9, at(x21));
  a.cmp(w9, SLASH);
  a.bne('back');
  a.add(x21, x21, 1);
  a.mov(x9, 0);
  a.strb(w9, at(x21));

  a.add(x0, sp, BUFFERS.loader);
  a.add(x1, sp, BUFFERS.node);
  a.bl('append');
  a.adr(x1, 'loader');
  a.bl('append');
  a.ldr(w0, 'workingDirectory');
  a.add(x1, sp, BUFFERS.loader);
  a.mov(x2, 0);
  a.syscall('openat');
  a.adr(x1, 'noLoader');
  a.add(x2, sp, BUFFERS.loader);
  a.tbnz(x0, 63, 'sayPath');
  a.syscall('close');
}

/** Registers: x22 the variable that is read, x23 where it is written, x24 its text. */
function moveVariables(a: Arm64, { prefix }: data.FrontSettings): void {
  a.ldr(x9, at(x19));
  a.add(x22, x19, 16);
  a.add(x22, x22, x9, 3);
  a.str(x22, at(x20, FRAME.envp));
  a.mov(x23, x22);

  a.label('variable');
  a.ldr(x24, at(x22));
  a.add(x22, x22, 8);
  a.cbz(x24, 'variables read');
  a.adr(x0, 'names');
  a.label('name');
  a.mov(x1, x24);
  a.bl('begins');
  a.cbz(w9, 'named');
  a.ldrb(w9, at(x0));
  a.cbnz(w9, 'name');
  a.str(x24, at(x23));
  a.add(x23, x23, 8);
  a.b('variable');

  a.label('named');
  a.adr(x9, 'moved');
  a.cmp(x0, x9);
  a.beq('variable');
  a.mov(x0, x24);
  a.bl('skip');
  a.sub(x1, x0, x24);
  a.add(x1, x1, prefix.length);
  a.mov(x0, 0);
  a.mov(x2, data.PROT_READ_WRITE);
  a.mov(x3, data.MAP_PRIVATE_ANONYMOUS);
  a.mov(x4, 0);
  a.mov(x5, 0);
  a.syscall('mmap');
  a.adr(x1, 'noMemory');
  a.tbnz(x0, 63, 'say');
  a.str(x0, at(x23));
  a.add(x23, x23, 8);
  a.adr(x1, 'prefix');
  a.bl('append');
  a.mov(x1, x24);
  a.bl('append');
  a.b('variable');
  addNofile(a);
}

/** Adds the soft RLIMIT_NOFILE. Registers: x23 the end of the variables. */
function addNofile(a: Arm64): void {
  a.label('variables read');
  a.add(x0, x20, FRAME.nofile);
  a.str(x0, at(x23));
  a.mov(x9, 0);
  a.str(x9, at(x23, 8));
  a.adr(x1, 'names');
  a.bl('append');
  a.adr(x1, 'unlimited');
  a.ldr(x2, at(x20, FRAME.limit.soft));
  a.cmn(x2, 1);
  a.bne('limited');
  a.bl('append');
  a.b('nofile told');
  a.label('limited');
  a.bl('number');
  a.mov(x9, 0);
  a.strb(w9, at(x0));
  a.label('nofile told');
}

/** Registers: x22 argv. */
function addArguments(a: Arm64, { flags }: data.FrontSettings): void {
  // Node, flags and loader take the place of argv[0]. Without argv[0] they go before argv's NULL.
  a.add(x22, x19, 8);
  a.ldr(x9, at(x19));
  a.cbz(x9, 'no argument');
  a.add(x22, x22, 8);
  a.label('no argument');
  a.sub(x22, x22, 8 * (flags.length + 2));

  a.add(x9, sp, BUFFERS.node);
  a.str(x9, at(x22));
  a.add(x2, x22, 8);
  a.adr(x0, 'flags');
  a.label('flag');
  a.str(x0, at(x2));
  a.add(x2, x2, 8);
  a.bl('skip');
  a.ldrb(w9, at(x0));
  a.cbnz(w9, 'flag');
  a.add(x9, sp, BUFFERS.loader);
  a.str(x9, at(x2));
}

/** Registers: x22 argv, x23 the next place. */
function executeNode(a: Arm64): void {
  a.adr(x23, 'places');
  a.label('place');
  a.mov(x0, x21);
  a.mov(x1, x23);
  a.bl('append');
  a.mov(x23, x1);
  a.add(x0, sp, BUFFERS.node);
  a.mov(x1, x22);
  a.ldr(x2, at(x20, FRAME.envp));
  a.syscall('execve');
  a.cmn(x0, constants.ENOENT);
  a.beq('not there');
  a.cmn(x0, constants.ENOTDIR);
  a.beq('not there');
  a.adr(x1, 'tooLong');
  a.cmn(x0, constants.E2BIG);
  a.beq('say');
  a.adr(x1, 'notExecuted');
  a.neg(x2, x0);
  a.b('sayNumber');

  a.label('not there');
  a.ldrb(w9, at(x23));
  a.cbnz(w9, 'place');
  a.strb(w9, at(x21));
  a.adr(x1, 'noNode');
  a.add(x2, sp, BUFFERS.node);
}

/** In: x1 the text; x2 a path, or a number, that comes in the middle of it. */
function sayAndEnd(a: Arm64): void {
  a.label('sayPath');
  a.mov(x0, sp);
  a.bl('append');
  a.mov(x22, x1);
  a.mov(x1, x2);
  a.bl('append');
  a.mov(x1, x22);
  a.b('sayRest');

  a.label('sayNumber');
  a.mov(x0, sp);
  a.bl('append');
  a.bl('number');
  a.b('sayRest');

  a.label('say');
  a.mov(x0, sp);
  a.label('sayRest');
  a.bl('append');
  a.mov(x1, sp);
  a.sub(x2, x0, x1);
  a.mov(x0, constants.STDERR);
  a.syscall('write');
  a.mov(x0, 1);
  a.syscall('exit_group');
  a.brk();
}

function putSubroutines(a: Arm64): void {
  // Copies the string at x1 to x0. Leaves x0 at the copy's NUL, and x1 behind the string.
  a.label('append');
  a.ldrb(w9, at(x1));
  a.strb(w9, at(x0));
  a.add(x1, x1, 1);
  a.cbz(w9, 'appended');
  a.add(x0, x0, 1);
  a.b('append');
  a.label('appended');
  a.ret();

  // Writes x2 to x0 in decimal; leaves x0 behind it. Calls itself for the digits before the last.
  a.label('number');
  a.mov(x10, 10);
  a.udiv(x11, x2, x10);
  a.msub(x9, x11, x10, x2);
  a.stp(x9, x30, pushed(16));
  a.mov(x2, x11);
  a.cbz(x2, 'digit');
  a.bl('number');
  a.label('digit');
  a.ldp(x9, x30, popped(16));
  a.add(x9, x9, ZERO);
  a.strb(w9, at(x0));
  a.add(x0, x0, 1);
  a.ret();

  // Sets w9 to 0 if the string at x1 begins with the string at x0. Leaves x0 behind its string.
  a.label('begins');
  a.ldrb(w9, at(x0));
  a.add(x0, x0, 1);
  a.cbz(w9, 'compared');
  a.ldrb(w10, at(x1));
  a.add(x1, x1, 1);
  a.cmp(w9, w10);
  a.beq('begins');

  // Moves x0 behind the next NUL.
  a.label('skip');
  a.ldrb(w10, at(x0));
  a.add(x0, x0, 1);
  a.cbnz(w10, 'skip');
  a.label('compared');
  a.ret();
}
