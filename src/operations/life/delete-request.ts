import type { SessionRequest } from '../session/session.ts';

export interface DeleteRequest extends SessionRequest {
  /** Kill the container first if it runs. No error if it does not exist. */
  force: boolean;
}
