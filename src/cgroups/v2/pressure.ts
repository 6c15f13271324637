import { parseCount, readIfThere } from '../usage/read-counts.ts';
import type { Pressure, PressureLine } from '../usage/stats.ts';

/** A pressure file as `{ psi }`; empty when the kernel keeps no pressure statistics. */
export function readPressure(dir: string, file: string): { psi?: Pressure } {
  const text = readIfThere(dir, file);
  if (text === undefined) return {};
  const psi: Pressure = {};
  for (const line of text.split('\n')) {
    const [kind, ...values] = line.split(' ');
    if (kind === 'some' || kind === 'full') psi[kind] = parseLine(values);
  }
  return { psi };
}

/** `avg10=0.00 avg60=0.00 avg300=0.00 total=0`. */
function parseLine(values: string[]): PressureLine {
  const found = new Map(values.map((value) => value.split('=') as [string, string]));
  const average = (name: string): number => Number(found.get(name) ?? 0);
  return {
    avg10: average('avg10'),
    avg60: average('avg60'),
    avg300: average('avg300'),
    total: parseCount(found.get('total') ?? '0'),
  };
}
