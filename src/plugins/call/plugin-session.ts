import type { PluginCall } from '../../bus/events.ts';
import type { CommandName } from '../../lifecycle/stages.ts';
import type { ContainerRecord } from '../../state/record.ts';

/** The command in which plugins take part. */
export interface PluginSession {
  id: string;
  command: CommandName;
  /** CLOCK_MONOTONIC nanoseconds. */
  start: bigint;
  /** The plugins' notes about the container, by plugin. */
  notes: NonNullable<ContainerRecord['plugins']>;
  /** Gets the calls of the plugins' functions. */
  calls: PluginCall[];
  warn(message: string): void;
}
