import type { Released } from '../release/released-start.ts';
import type { SessionRequest } from '../session/session.ts';

export interface StartRequest extends SessionRequest {
  /**
   * The socket on which a service manager expects the program's READY=1: a path, or `@` and an
   * abstract name.
   */
  notifySocket?: string;
  /** When true, a program that cannot be executed does not fail the start. */
  detached?: boolean;
  /** What an earlier start in this process has released, and this one is to explain. */
  released?: Released | undefined;
}
