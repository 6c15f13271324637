import { waitpid } from '../syscalls/task/process.ts';
import { findExitedChild } from '../syscalls/task/wait.ts';
import { childOfNode } from './node-children.ts';

/**
 * Reaps the orphans that a subreaper gets, as they end, until the function that is returned is called.
 * The container's own process `main` has another who waits for it, and so have those of plugins.
 */
export function reapOrphans(main: number): () => void {
  let ended = false;
  const reap = (): void => {
    if (ended) return;
    for (let pid = findExitedChild(); pid !== undefined && pid !== main; pid = findExitedChild()) {
      const started = childOfNode(pid);
      if (started) {
        // What is behind it in the kernel's list is seen once Node has reaped it.
        started.off('exit', reap).once('exit', reap);
        return;
      }
      waitpid(pid);
    }
  };
  process.on('SIGCHLD', reap);
  reap();
  return () => {
    ended = true;
    process.off('SIGCHLD', reap);
  };
}
