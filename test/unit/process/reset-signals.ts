import { DEFAULT_ACTION, setSignalHandler } from '../../../src/syscalls/signal/sigaction.ts';

const SIGKILL = 9;
const SIGSTOP = 19;
const NSIG = 64;

/** sigaction(2): SIG_DFL for every signal; what is ignored would stay so across exec. */
export function resetSignalDispositions(): void {
  for (let signal = 1; signal <= NSIG; signal++) {
    if (signal !== SIGKILL && signal !== SIGSTOP) setSignalHandler(signal, DEFAULT_ACTION);
  }
}
