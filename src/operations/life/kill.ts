import { runStages } from '../../lifecycle/engine.ts';
import { killStages } from '../../lifecycle/stages.ts';
import { containerContext } from '../session/command-context.ts';
import { inSession } from '../session/in-session.ts';
import type { SessionRequest } from '../session/session.ts';
import { LAST_SIGNAL, unknownSignal } from './unknown-signal.ts';

export interface KillRequest extends SessionRequest {
  /** 0 sends nothing and only checks that init exists. */
  signal: number;
  /** No error when the container has stopped: runc's obsolete --all. */
  all: boolean;
}

/** Sends a signal to a container's init. */
export async function kill(request: KillRequest): Promise<void> {
  const { signal, all } = request;
  if (!Number.isInteger(signal) || signal < 0 || signal > LAST_SIGNAL) {
    throw unknownSignal(String(signal));
  }
  await inSession('kill', request, (session) =>
    runStages({ ...containerContext(session, request), signal, all }, killStages),
  );
}
