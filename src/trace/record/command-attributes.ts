import {
  type Attributes,
  CONTAINER_ID,
  CONTAINER_RUNTIME_NAME,
  CONTAINER_RUNTIME_VERSION,
  PROCESS_COMMAND_ARGS,
  PROCESS_EXECUTABLE_NAME,
  PROCESS_EXECUTABLE_PATH,
  PROCESS_PID,
} from './attributes.ts';
import type { RecorderOptions } from './recorder-options.ts';

/** What a command's own span tells of this process and of the container it is about. */
export const commandAttributes = (
  { version, args }: RecorderOptions,
  containerId: string | undefined,
): Attributes => ({
  [CONTAINER_ID]: containerId,
  [CONTAINER_RUNTIME_NAME]: 'davit',
  [CONTAINER_RUNTIME_VERSION]: version,
  [PROCESS_PID]: process.pid,
  [PROCESS_EXECUTABLE_NAME]: process.execPath.slice(process.execPath.lastIndexOf('/') + 1),
  [PROCESS_EXECUTABLE_PATH]: process.execPath,
  [PROCESS_COMMAND_ARGS]: args && ['davit', ...args],
});
