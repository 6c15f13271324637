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
import type { Span } from '../../store/span.ts';

/** The metrics. Names, units, attributes and buckets are the same as in the `metrics` plugin. */
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
  /** Counts by bucket. The last bucket has no upper bound. */
  counts: number[];
}

/** One instrument with one set of attributes. */
export interface Series {
  instrument: InstrumentName;
  attributes: Attributes;
  value: number | Histogram;
}

/** Everything that was counted since `since`, in milliseconds since the epoch. */
export interface Totals {
  since: number;
  /** When the totals were last sent, in milliseconds since the epoch. */
  until?: number;
  series: Series[];
}

/** Returns `before` with these commands added. */
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
  if (!root.name.startsWith('davit ')) return [failureOf(root)];
  const name = root.name.slice('davit '.length);
  // A stage is a child of the root with a side, unless it is a plugin's call or a wait.
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

/** What became known after a command had ended: the program of a `start` could not be executed. */
const failureOf = ({ name, attributes }: Span): Measurement => [
  'davit.stage.failures',
  {
    [STAGE_NAME]: name,
    [STAGE_SIDE]: attributes[STAGE_SIDE],
    [ERROR_TYPE]: attributes[ERROR_TYPE],
  },
];

const emptyHistogram = (): Histogram => ({
  count: 0,
  sum: 0,
  min: Infinity,
  max: 0,
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

/** Series with equal keys are counted together. */
export const keyOf = ({ instrument, attributes }: Series): string =>
  JSON.stringify([instrument, ...Object.entries(attributes)]);

/** Without undefined values, as JSON restores it. */
const defined = (attributes: Attributes): Attributes =>
  Object.fromEntries(Object.entries(attributes).filter(([, value]) => value !== undefined));
