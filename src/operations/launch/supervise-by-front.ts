import type { RemoteParent } from '../../init/parent/init-parent.ts';
import type { Supervisor } from '../../init/supervisor.ts';

/** Has the front wait for its child. The program has the front's stdio: nothing is copied. */
export const superviseByFront = (front: RemoteParent): Supervisor => ({
  takeTerminal() {},
  wait: (process) => front.supervise(process),
});
