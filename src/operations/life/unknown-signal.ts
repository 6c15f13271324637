import { RuntimeError } from '../../errors/runtime-error.ts';

/** signal(7): as many as a set of signals has. */
export const LAST_SIGNAL = 64;

/** In runc's words. */
export const unknownSignal = (signal: string): RuntimeError =>
  new RuntimeError(
    `unknown signal ${JSON.stringify(signal)}`,
    `a name as in signal(7), such as TERM, SIGKILL or RTMIN+3, or a number from 0 to ${LAST_SIGNAL}`,
  );
