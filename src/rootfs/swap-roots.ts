import { closeFd } from '../syscalls/files/close-fd.ts';
import { fchdir, pivotRoot } from '../syscalls/files/root.ts';
import { MNT_DETACH, MS_REC, MS_SLAVE, mount, umount2 } from '../syscalls/mount/mount.ts';
import { openRoot } from './open-root.ts';

/** pivot_root(2), NOTES: with "." for both paths the old root ends up on top of the new one. */
export function swapRoots(newRoot: number): void {
  using fds = new DisposableStack();
  const oldRoot = fds.adopt(openRoot(), closeFd);
  fchdir(newRoot);
  pivotRoot('.', '.');
  fchdir(oldRoot);
  // As slave, the unmount does not reach the host. Private would also keep out the host's
  // unmounts.
  mount(null, '.', null, MS_SLAVE | MS_REC, null);
  umount2('.', MNT_DETACH);
  process.chdir('/');
}
