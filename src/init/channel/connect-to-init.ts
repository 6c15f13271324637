import { connectToNotify } from '../../state/notify-socket.ts';
import { openStartFifos } from '../../state/start-fifos.ts';
import { Channel } from './channel.ts';

/** Connects to the init that waits for `davit start`. */
export function connectToInit(stateDir: string): Channel {
  const fifos = openStartFifos(stateDir);
  return fifos ? new Channel(fifos.report, fifos.turn) : new Channel(connectToNotify(stateDir));
}
