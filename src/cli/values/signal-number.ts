import { constants } from 'node:os';
import { unknownSignal } from '../../operations/life/unknown-signal.ts';

/** The number of `text`: a number, or a name in any case with or without SIG (signal(7)). */
export function signalNumber(text: string): number {
  if (/^[-+]?\d+$/.test(text)) return Number(text);
  const name = text.toUpperCase().replace(/^(?!SIG)/, 'SIG');
  const number = (constants.signals as Record<string, number>)[name] ?? realTimeSignal(name);
  if (number === undefined) throw unknownSignal(text);
  return number;
}

// glibc's numbers, which STOPSIGNAL uses: glibc keeps 32 and 33 for itself.
const SIGRTMIN = 34;
const SIGRTMAX = 64;

/** The number of `SIGRTMIN+1`, `SIGRTMAX-1` and the like. */
function realTimeSignal(name: string): number | undefined {
  const [, base, offset = '0'] = /^SIG(RTMIN(?!-)|RTMAX(?!\+))([-+]\d+)?$/.exec(name) ?? [];
  if (base === undefined) return undefined;
  const number = (base === 'RTMIN' ? SIGRTMIN : SIGRTMAX) + Number(offset);
  return number >= SIGRTMIN && number <= SIGRTMAX ? number : undefined;
}
