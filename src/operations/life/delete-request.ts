import type { ContainerRequest } from '../../state/container.ts';
import type { SessionOptions } from '../session/session.ts';

export interface DeleteRequest extends ContainerRequest {
  /** Kill the container first if it runs. No error if it does not exist. */
  force: boolean;
  session?: SessionOptions;
}
