import { seccompReceiver } from '../../config/crun-annotations.ts';
import type { PreparedContext, RuntimeContext } from '../../context/context.ts';
import { RuntimeError } from '../../errors/runtime-error.ts';
import { hasHooks } from '../../hooks/hook-calls.ts';
import { connectToInit } from '../../init/channel/connect-to-init.ts';
import { openInit } from '../../init/open-init.ts';
import { lockStart } from '../../state/start-lock.ts';
import { closeFd } from '../../syscalls/files/close-fd.ts';
import { ALREADY_RUNNING } from '../state/read-state.ts';

/** In `run`, init is a child of this process. */
type Waiting = PreparedContext & Pick<RuntimeContext, 'init'>;

/** Connects to the init that waits for its start. */
export function connectToWaitingInit(ctx: Waiting): Pick<RuntimeContext, 'channel' | 'init'> {
  const { spec, stateDir, record, readiness, atEnd } = ctx;
  readiness?.listen(stateDir);
  if (hasHooks(spec, 'startContainer')) {
    const lock = lockStart(stateDir);
    if (lock === undefined) throw new RuntimeError(ALREADY_RUNNING);
    atEnd.adopt(lock, closeFd);
  }
  const channel = atEnd.use(connectToInit(stateDir));
  if (ctx.init || !seccompReceiver(spec)) return { channel };
  // The runtime takes a seccomp filter's listener from init through init's pidfd.
  const pidfd = openInit(record);
  if (pidfd === undefined) return { channel };
  return { channel, init: { pid: record.initPid, pidfd: atEnd.adopt(pidfd, closeFd) } };
}
