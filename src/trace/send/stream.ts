import type { StoredCommand } from '../read/read-traces.ts';
import type { Totals } from './metrics/totals.ts';

/** What commands come to for one signal. Any part of it may be sent, again and again. */
export interface Request {
  /** How many spans, data points or log records it has. */
  length: number;
  /** Of metrics: what counts as counted once the request is done with. */
  totals?: Totals;
  /** Has the SDK send the items from `start` to before `end`, until it is done with them. */
  send(start: number, end: number): Promise<unknown>;
}

/** Makes requests of stored commands. */
export type Stream = (commands: readonly StoredCommand[]) => Request;

export interface StreamOptions {
  /** The store. */
  directory: string;
  /** Of metrics: what was counted so far. */
  totals: () => Totals | undefined;
}
