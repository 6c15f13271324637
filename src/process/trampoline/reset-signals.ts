import { resetSignalDispositions } from '../../syscalls/sigaction.ts';
import { setSignalMask } from '../../syscalls/signals.ts';

/** sizeof(sigset_t) in glibc. */
const SIGSET_SIZE = 128;

/**
 * Signals as a new program expects them: default actions and none blocked. Node ignores SIGPIPE
 * and SIGXFSZ, and has handlers that write into a pipe shared with the runtime: those go first,
 * since unblocking delivers what is pending.
 */
export function resetSignals(): void {
  resetSignalDispositions();
  setSignalMask(Buffer.alloc(SIGSET_SIZE));
}
