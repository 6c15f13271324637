import { Axis } from '../../read/axis.ts';
import { isUnfinished, type StoredCommand, serviceOf } from '../../read/read-traces.ts';
import {
  type Attributes,
  COMMAND,
  ERROR_TYPE,
  PLUGIN_NAME,
  STAGE_NAME,
  STAGE_SIDE,
  WAIT,
} from '../../record/attributes.ts';

/** What davit counts; names, units, attributes and buckets are those of the `metrics` plugin. */
export const INSTRUMENTS = {
  'davit.stage.duration': { unit: 's', description: 'Duration of the stages of commands.' },
  'davit.stage.failures': { unit: '{failure}', description: 'Number of stages that failed.' },
  'davit.command.duration': {
    unit: 's',
    description: "Duration of commands, without waiting for the container's program.",
  },
} as const;

export type InstrumentName = keyof typeof INSTRUMENTS;

/** Upper bounds of buckets, in seconds. */
export const BOUNDARIES = [0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10];

export interface Histogram {
  count: number;
  sum: number;
  min: number;
  max: number;
  /** By bucket; the last has no upper bound. */
  counts: number[];
}

/** One instrument with one set of attributes. */
export interface Series {
  instrument: InstrumentName;
  attributes: Attributes;
  value: number | Histogram;
}

/** All that was counted since `since`, in milliseconds since the epoch. */
export interface Totals {
  since: number;
  /** When they were last sent. */
  until?: number;
  series: Series[];
}

/** `before`, and what these commands add to it. */
export function count(before: Totals, commands: readonly StoredCommand[]): Totals {
  const after = structuredClone(before);
  const series = new Map(after.series.map((one) => [keyOf(one), one]));
  const at = (instrument: InstrumentName, attributes: Attributes, value: Series['value']) => {
    const made = { instrument, attributes: defined(attributes), value };
    const known = series.get(keyOf(made));
    if (known) return known;
    series.set(keyOf(made), made);
    after.series.push(made);
    return made;
  };
  for (const command of commands.filter((command) => serviceOf(command) === 'davit')) {
    for (const [instrument, attributes, seconds] of measure(command)) {
      if (seconds === undefined) {
        const counter = at(instrument, attributes, 0);
        counter.value = (counter.value as number) + 1;
      } else record(at(instrument, attributes, emptyHistogram()).value as Histogram, seconds);
    }
  }
  return after;
}

type Measurement = [instrument: InstrumentName, attributes: Attributes, seconds?: number];

function measure(command: StoredCommand): Measurement[] {
  const { root, spans } = command;
  const name = root.name.replace(/^davit /, '');
  // Only stages have a side, and what is below them or a plugin's.
  const stages = spans.filter(
    ({ parentSpanId, attributes }) =>
      parentSpanId === root.spanId &&
      attributes[STAGE_SIDE] &&
      !attributes[PLUGIN_NAME] &&
      !attributes[WAIT],
  );
  const whole: Measurement = [
    'davit.command.duration',
    { [COMMAND]: name, [ERROR_TYPE]: root.attributes[ERROR_TYPE] },
    new Axis(command).total / 1e9,
  ];
  return [
    ...(isUnfinished(command) ? [] : [whole]),
    ...stages.flatMap((span): Measurement[] => {
      const { [STAGE_SIDE]: side, [ERROR_TYPE]: error } = span.attributes;
      const stage = { [STAGE_NAME]: span.name, [STAGE_SIDE]: side, [ERROR_TYPE]: error };
      return [
        ['davit.stage.duration', stage, Number(span.end - span.start) / 1e9],
        ...(span.error === undefined ? [] : [['davit.stage.failures', stage] as Measurement]),
      ];
    }),
  ];
}

const emptyHistogram = (): Histogram => ({
  ...{ count: 0, sum: 0, min: Infinity, max: 0 },
  counts: new Array(BOUNDARIES.length + 1).fill(0),
});

function record(histogram: Histogram, value: number): void {
  const bucket = BOUNDARIES.findIndex((bound) => value <= bound);
  histogram.counts[bucket === -1 ? BOUNDARIES.length : bucket]! += 1;
  histogram.count += 1;
  histogram.sum += value;
  histogram.min = Math.min(histogram.min, value);
  histogram.max = Math.max(histogram.max, value);
}

/** The same for what is counted together. */
export const keyOf = ({ instrument, attributes }: Series): string =>
  JSON.stringify([instrument, ...Object.entries(attributes)]);

/** As JSON would give it back. */
const defined = (attributes: Attributes): Attributes =>
  Object.fromEntries(Object.entries(attributes).filter(([, value]) => value !== undefined));
