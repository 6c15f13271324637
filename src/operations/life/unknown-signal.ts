import { RuntimeError } from '../../errors/runtime-error.ts';

/** The highest signal number: signal(7). */
export const LAST_SIGNAL = 64;

/** The message is runc's. */
export const unknownSignal = (signal: string): RuntimeError =>
  new RuntimeError(
    `unknown signal ${JSON.stringify(signal)}`,
    `a name as in signal(7), such as TERM, SIGKILL or RTMIN+3, or a number from 0 to ${LAST_SIGNAL}`,
  );
