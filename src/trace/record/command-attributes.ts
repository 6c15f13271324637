import type { SpanContext, Tracer } from '@opentelemetry/api';
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
import type { KnownContainer } from './known-container.ts';
import type { Sampler } from './sampler.ts';

export interface CommandOptions {
  /** `create`; the root span is `davit create`. */
  command: string;
  /** The container's. */
  id: string;
  /** When the command began: CLOCK_MONOTONIC nanoseconds, processStart of clock.ts in the CLI. */
  start: bigint;
  /** The span of whoever runs the command. */
  caller?: SpanContext | undefined;
  /** What is kept of the container; absent where this command makes it. */
  container?: KnownContainer | undefined;
  /** davit's version. */
  version?: string | undefined;
  /** The command line after `davit`; none in an embedding program. */
  args?: readonly string[] | undefined;
  /** Default: parentBased of sampler.ts. */
  sampler?: Sampler | undefined;
  /** The embedding program's tracer, where it has one. */
  program?: Tracer | undefined;
}

/** What a command's own span tells of this process and of the container it is about. */
export const commandAttributes = ({ version, args, id }: CommandOptions): Attributes => ({
  [CONTAINER_ID]: id,
  [CONTAINER_RUNTIME_NAME]: 'davit',
  [CONTAINER_RUNTIME_VERSION]: version,
  [PROCESS_PID]: process.pid,
  [PROCESS_EXECUTABLE_NAME]: process.execPath.slice(process.execPath.lastIndexOf('/') + 1),
  [PROCESS_EXECUTABLE_PATH]: process.execPath,
  [PROCESS_COMMAND_ARGS]: args && ['davit', ...args],
});

/** The program that makes the spans. */
export const resourceOf = ({ version }: Pick<CommandOptions, 'version'>): Attributes => ({
  [SERVICE_NAME]: 'davit',
  [SERVICE_VERSION]: version,
});
