import { DEFAULT_ACTION, setSignalHandler } from '../../../src/syscalls/signal/sigaction.ts';

const SIGKILL = 9;
const SIGSTOP = 19;
const NSIG = 64;

/**
 * sigaction(2): sets SIG_DFL for every signal, because ignored signals stay ignored across exec.
 */
export function resetSignalDispositions(): void {
  for (let signal = 1; signal <= NSIG; signal++) {
    if (signal !== SIGKILL && signal !== SIGSTOP) setSignalHandler(signal, DEFAULT_ACTION);
  }
}
