import type { SpanContext, Tracer } from '@opentelemetry/api';
import type { ContainerRecord } from '../../state/record.ts';
import { version } from '../../version.ts';
import {
  type Attributes,
  CONTAINER_ID,
  CONTAINER_RUNTIME_NAME,
  CONTAINER_RUNTIME_VERSION,
  PROCESS_COMMAND_ARGS,
  PROCESS_EXECUTABLE_NAME,
  PROCESS_EXECUTABLE_PATH,
  PROCESS_PID,
  SERVICE_NAME,
  SERVICE_VERSION,
} from './attributes.ts';
import type { Sampler } from './sampler.ts';

/** What state.json holds of a container's trace. */
export type RecordedTrace = Pick<ContainerRecord, 'traceparent' | 'tracestate' | 'annotations'>;

export interface CommandOptions {
  /** `create`; the root span is `davit create`. */
  command: string;
  /** The container's id. */
  id: string;
  /**
   * When the command began, in CLOCK_MONOTONIC nanoseconds. The command line uses processStart of
   * clock.ts.
   */
  start: bigint;
  /** The caller's span. */
  caller?: SpanContext | undefined;
  /** Absent when this command creates the container. */
  container?: RecordedTrace | undefined;
  /** The command line after `davit`. Absent in an embedding program. */
  args?: readonly string[] | undefined;
  /** Default: parentBased of sampler.ts. */
  sampler?: Sampler | undefined;
  /** The embedding program's tracer, if it has one. */
  program?: Tracer | undefined;
}

/** Attributes of a command's root span, about this process and the container. */
export const commandAttributes = ({ args, id }: CommandOptions): Attributes => ({
  [CONTAINER_ID]: id,
  [CONTAINER_RUNTIME_NAME]: 'davit',
  [CONTAINER_RUNTIME_VERSION]: version,
  [PROCESS_PID]: process.pid,
  [PROCESS_EXECUTABLE_NAME]: process.execPath.slice(process.execPath.lastIndexOf('/') + 1),
  [PROCESS_EXECUTABLE_PATH]: process.execPath,
  [PROCESS_COMMAND_ARGS]: args && ['davit', ...args],
});

/** The resource of davit's spans: the program that makes them. */
export const davitResource: Attributes = { [SERVICE_NAME]: 'davit', [SERVICE_VERSION]: version };
