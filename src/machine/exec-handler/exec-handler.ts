import { assemble } from '../assemble.ts';
import type { MachineArch, WithListing } from '../assembler.ts';
import { SIG_SETMASK, SIGSET_SIZE, STDERR } from '../constants.ts';
import { a0, a1, a2, behind, type Machine } from '../machine.ts';
import { DATA, type ExecHandlerProgram } from './data.ts';

/**
 * The program that data.ts describes. The caller fills in its data. The build assembles it in
 * advance: tools/build/bundle/assemble.ts.
 */
export const execHandlerProgram = (arch: MachineArch): ExecHandlerProgram & WithListing =>
  assemble(arch, execHandler);

function execHandler(m: Machine): void {
  m.syscall('rt_sigprocmask', SIG_SETMASK, behind('emptyMask'), 0, SIGSET_SIZE);
  m.load(a0, behind('path'));
  m.load(a1, behind('argv'));
  m.load(a2, behind('envp'));
  m.syscall('execve');
  m.load(a1, behind('failureMessage'));
  m.load(a2, behind('failureMessageLength'));
  m.syscall('write', STDERR);
  m.exit(1);

  m.data();
  m.fields(DATA, 8);
}
