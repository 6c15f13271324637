import type { InitParent } from '../../init/remote/init-parent.ts';
import type { Supervisor } from '../../init/supervisor.ts';

/** Has the front wait for its child. The program has the front's stdio: nothing is copied. */
export const superviseByFront = (front: InitParent): Supervisor => ({
  takeTerminal() {},
  wait: (process) => front.supervise(process),
});
