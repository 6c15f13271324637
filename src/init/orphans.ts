import { waitpid } from '../syscalls/task/process.ts';
import { findExitedChild } from '../syscalls/task/wait.ts';
import { childOfNode } from './node-children.ts';

/**
 * Reaps the orphans of a subreaper as they end, until the returned object is disposed of. Leaves
 * the container's process `main`, and the processes of plugins, to the code that waits for these.
 */
export function reapOrphans(main: number): Disposable {
  let ended = false;
  const reap = (): void => {
    if (ended) return;
    for (let pid = findExitedChild(); pid !== undefined && pid !== main; pid = findExitedChild()) {
      const started = childOfNode(pid);
      if (started) {
        // findExitedChild shows later children only once Node has reaped this one.
        started.off('exit', reap).once('exit', reap);
        return;
      }
      waitpid(pid);
    }
  };
  process.on('SIGCHLD', reap);
  reap();
  return {
    [Symbol.dispose]() {
      ended = true;
      process.off('SIGCHLD', reap);
    },
  };
}
