import type { ContainerRequest } from '../../state/container.ts';
import type { SessionOptions } from '../session/session.ts';

export interface DeleteRequest extends ContainerRequest {
  /** Kill it first when it runs; no error when it does not exist. */
  force: boolean;
  session?: SessionOptions;
}
