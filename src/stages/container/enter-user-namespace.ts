import type { InitContext } from '../../lifecycle/context.ts';
import { setgroups, setresgid, setresuid } from '../../syscalls/credentials.ts';
import { setDumpable } from '../../syscalls/prctl.ts';

/** Becomes root of the user namespace: until now init has the ids of whoever called davit. */
export function enterUserNamespace(ctx: InitContext): void {
  setresgid(0, 0, 0);
  setresuid(0, 0, 0);
  if (!ctx.rootless) setgroups([]);
  // A change of ids makes a process undumpable, but root of a namespace it must own its /proc files
  // to set up labels; it is undumpable again from exec on.
  setDumpable(false);
}
