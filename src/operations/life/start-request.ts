import type { ContainerRequest } from '../../state/container.ts';
import type { SessionOptions } from '../session/session.ts';

export interface StartRequest extends ContainerRequest {
  /** Where a service manager waits for the program's READY=1: a path, or `@` and an abstract name. */
  notifySocket?: string;
  /** True where a program that cannot be executed is no failure of the start. */
  detached?: boolean;
  session?: SessionOptions;
}
