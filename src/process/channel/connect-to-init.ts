import { connectToNotify } from '../../state/notify-socket.ts';
import { Channel } from './channel.ts';

/** Connects to the init that waits for `davit start`. */
export const connectToInit = (stateDir: string): Channel => new Channel(connectToNotify(stateDir));
