import { constants } from 'node:os';
import { nearestName } from '../../errors/nearest-name.ts';
import { RuntimeError } from '../../errors/runtime-error.ts';

/** The highest signal number: signal(7). */
export const LAST_SIGNAL = 64;

/** The message is runc's. */
export function unknownSignal(signal: string): RuntimeError {
  const names = Object.keys(constants.signals).map((name) => name.replace('SIG', ''));
  const nearest = nearestName(signal.replace(/^SIG/i, ''), names);
  const expected = `expected a name as in signal(7), such as TERM, SIGKILL or RTMIN+3, or a number from 0 to ${LAST_SIGNAL}`;
  return new RuntimeError(
    `unknown signal ${JSON.stringify(signal)}`,
    nearest ? `did you mean SIG${nearest}? ${expected}` : expected,
  );
}
