import { declareSyscall } from '../../../src/syscalls/libc.ts';

const SIGKILL = 9;
const SIGSTOP = 19;
const NSIG = 64;
/** struct sigaction as the kernel has it (asm/signal.h): handler, flags, restorer, mask. */
const SIGACTION_SIZE = 32;
const SIGSET_SIZE = 8;

// The bare system call: glibc's function refuses the two signals that glibc uses itself.
const native = declareSyscall<[number, Uint8Array, null, number]>(
  'rt_sigaction',
  { x64: 13, arm64: 134 },
  ['int64_t', 'void *', 'void *', 'int64_t'],
);

/** sigaction(2): SIG_DFL for every signal; what is ignored would stay so across exec. */
export function resetSignalDispositions(): void {
  const defaultAction = Buffer.alloc(SIGACTION_SIZE);
  for (let signal = 1; signal <= NSIG; signal++) {
    if (signal !== SIGKILL && signal !== SIGSTOP) native(signal, defaultAction, null, SIGSET_SIZE);
  }
}
