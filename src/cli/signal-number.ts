import { constants } from 'node:os';
import { RuntimeError } from '../errors/runtime-error.ts';

/** The number of `text`: a number, or a name in any case with or without SIG (signal(7)). */
export function signalNumber(text: string): number {
  if (/^[-+]?\d+$/.test(text)) return Number(text);
  const name = text.toUpperCase();
  const signals: Record<string, number> = constants.signals;
  const number = signals[name.startsWith('SIG') ? name : `SIG${name}`];
  if (number === undefined) throw new RuntimeError(`unknown signal ${JSON.stringify(text)}`);
  return number;
}
