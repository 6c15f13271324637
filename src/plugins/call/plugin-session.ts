import type { PluginCall } from '../../lifecycle/events.ts';
import type { ContainerRecord } from '../../state/record.ts';
import type { CommandName } from '../api.ts';

/** The command that plugins take part in. */
export interface PluginSession {
  id: string;
  command: CommandName;
  /** CLOCK_MONOTONIC nanoseconds. */
  start: bigint;
  /** What the plugins note of the container, by plugin. */
  notes: NonNullable<ContainerRecord['plugins']>;
  /** Gets the calls of the plugins' functions. */
  calls: PluginCall[];
  warn(message: string): void;
}
