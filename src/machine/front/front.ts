import { assemble } from '../assemble.ts';
import type { MachineArch, WithListing } from '../assembler.ts';
import { EINVAL, ENOSYS, FUTEX_WAIT } from '../constants.ts';
import { a1, a2, at, behind, type Machine, result, s2, sp } from '../machine.ts';
import { askServer } from './ask-server.ts';
import { FRAME, type FrontProgram, type FrontSettings, LIMITS, putData, THREAD } from './data.ts';
import { executeNode } from './execute-node.ts';
import { caller, frame } from './registers.ts';
import { putText } from './text.ts';

/** The program that data.ts describes. The build makes dist/davit from it. */
export const frontProgram = (
  arch: MachineArch,
  settings: FrontSettings,
): FrontProgram & WithListing => assemble(arch, (m) => front(m, settings));

function front(m: Machine, settings: FrontSettings): void {
  m.move(caller, sp);
  m.subtract(sp, FRAME.size(settings));
  m.move(frame, sp);
  checkLimits(m);
  askServer(m, settings);
  tryThreads(m);
  executeNode(m, settings);
  putText(m);
  putData(m, settings);
}

function checkLimits(m: Machine): void {
  for (const { name, number, hard, minimum, unit } of LIMITS) {
    m.syscall('prlimit64', 0, number, 0, at(frame, FRAME.limit.soft));
    m.address(a1, behind('noLimits'));
    m.ifNegative(result, 'say');
    m.load(a2, at(frame, hard ? FRAME.limit.hard : FRAME.limit.soft));
    if (unit === ' KiB') m.shiftRight(a2, 10);
    m.address(a1, behind(name));
    m.ifBelow(a2, minimum, 'sayNumber');
  }
}

function tryThreads(m: Machine): void {
  const id = at(frame, FRAME.thread);
  const left = s2;
  m.syscall('clone3', 0, 0);
  m.ifEqual(result, -EINVAL, 'threads');
  m.address(a1, behind('noClone3'));
  m.ifNotEqual(result, -ENOSYS, 'say');

  // All threads run this loop and share the stack: they use it only to say that clone(2) failed.
  m.label('threads');
  m.set(left, 2);
  m.label('thread');
  // The thread's id goes to the third argument. The kernel clears the fourth, or on arm64 the fifth.
  m.syscall('clone', THREAD, 0, id, id, id);
  m.address(a1, behind('noThread'));
  m.ifNegative(result, 'say');
  m.ifNotEqual(result, 0, 'made');
  m.subtract(left, 1);
  m.ifNotEqual(left, 0, 'thread');
  m.label('end');
  m.syscall('exit', 0);
  m.trap();

  // Only the first process still has 2. It waits until the thread that wrote its id last has ended.
  m.label('made');
  m.ifNotEqual(left, 2, 'end');
  m.label('wait');
  m.load32(a2, id);
  m.ifEqual(a2, 0, 'ready');
  m.syscall('futex', id, FUTEX_WAIT, a2, 0);
  m.jump('wait');
  m.label('ready');
}
