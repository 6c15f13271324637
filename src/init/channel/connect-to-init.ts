import { connectToNotify } from '../../state/notify-socket.ts';
import { openStartFifos } from '../../state/start-fifos.ts';
import { RuntimeChannel } from './channel.ts';

/** Connects to the init that waits for `davit start`. */
export function connectToInit(stateDir: string): RuntimeChannel {
  const fifos = openStartFifos(stateDir);
  return fifos
    ? new RuntimeChannel(fifos.report, fifos.turn)
    : new RuntimeChannel(connectToNotify(stateDir));
}
