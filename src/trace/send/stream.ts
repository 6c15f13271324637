import type { StoredCommand } from '../read/read-traces.ts';
import type { Totals } from './metrics/totals.ts';

/** The items that commands produce for one signal. Any part of it may be sent repeatedly. */
export interface Request {
  /** How many spans, data points or log records it has. */
  length: number;
  /** Only for metrics: the totals to save once the request is done. */
  totals?: Totals;
  /** Sends the items from `start` to before `end`. Resolves when the SDK is done with them. */
  send(start: number, end: number): Promise<unknown>;
}

/** Makes requests from stored commands. */
export type Stream = (commands: readonly StoredCommand[]) => Request;

export interface StreamOptions {
  /** The store. */
  directory: string;
  /** Only for metrics: the totals so far. */
  totals: () => Totals | undefined;
}
