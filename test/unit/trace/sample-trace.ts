import type { Span } from '@opentelemetry/api';
import { WAIT } from '../../../src/trace/record/attributes.ts';
import { CommandSpans } from '../../../src/trace/record/command-spans.ts';
import { parseTraceparent } from '../../../src/trace/record/trace-context.ts';
import type { CommandTrace } from '../../../src/trace/store/span.ts';

const MICRO = 1_000n;

export interface SampleStage {
  name: string;
  /** Microseconds from the command's start. */
  from: number;
  to: number;
  side?: 'runtime' | 'container';
  error?: unknown;
  /** Inner spans. */
  inner?: SampleStage[];
  wait?: boolean;
}

export interface SampleCommand {
  command: string;
  /** Microseconds from `base`. */
  from: number;
  to: number;
  stages: SampleStage[];
  error?: unknown;
  hint?: string;
}

/** Records one command with the given times, as a child of `traceparent` if set. */
function recordSample(
  id: string,
  { command, from, to, stages, error, hint }: SampleCommand,
  traceparent: string | undefined,
  base: bigint,
): { trace: CommandTrace; traceparent: string } {
  const at = (micros: number) => base + BigInt(from + micros) * MICRO;
  const container = traceparent ? { traceparent } : undefined;
  const spans = new CommandSpans({ command, id, start: at(0), container });
  const add = (stage: SampleStage, parent?: Span): void => {
    const span = spans.start(stage.name, at(stage.from), parent);
    spans.end(span, {
      end: at(stage.to),
      side: stage.side ?? 'runtime',
      error: stage.error,
      attributes: stage.wait ? { [WAIT]: true } : undefined,
    });
    for (const inner of stage.inner ?? []) add(inner, span);
  };
  for (const stage of stages) add(stage);
  const trace = spans.finish({ error, hint }, at(to - from));
  return { trace, traceparent: traceparent ?? spans.traceRecord.traceparent };
}

/** Several commands of one container. The first one creates it. */
export function recordLife(id: string, commands: SampleCommand[]): CommandTrace[] {
  const base = process.hrtime.bigint();
  let traceparent: string | undefined;
  return commands.map((command) => {
    const recorded = recordSample(id, command, traceparent, base);
    traceparent ??= recorded.traceparent;
    return recorded.trace;
  });
}

/** create and start, 2.3 s apart. */
export const CREATE_AND_START: SampleCommand[] = [
  {
    command: 'create',
    from: 0,
    to: 31_200,
    stages: [
      { name: 'startNode', from: 0, to: 14_600 },
      { name: 'loadDavit', from: 14_600, to: 17_400 },
      { name: 'readConfig', from: 17_500, to: 18_300 },
      { name: 'createCgroup', from: 18_310, to: 19_100 },
      { name: 'forkInit', from: 19_120, to: 21_900 },
      { name: 'mapIds', from: 21_910, to: 22_000 },
      { name: 'attachCgroup', from: 22_010, to: 22_700 },
      {
        name: 'createRuntimeHooks',
        from: 22_720,
        to: 24_900,
        inner: [
          { name: 'hook createRuntime[0]', from: 22_740, to: 23_700 },
          { name: 'hook createRuntime[1]', from: 23_710, to: 24_880 },
        ],
      },
      { name: 'prepareRootfs', from: 24_950, to: 28_900, side: 'container' },
      { name: 'pivotRoot', from: 28_910, to: 29_200, side: 'container' },
      { name: 'maskPaths', from: 29_210, to: 29_900, side: 'container' },
      { name: 'setHostname', from: 29_905, to: 29_912, side: 'container' },
      { name: 'applySeccomp', from: 29_920, to: 30_600, side: 'container' },
      { name: 'saveState', from: 30_610, to: 31_100 },
    ],
  },
  {
    command: 'start',
    from: 2_331_200,
    to: 2_352_000,
    stages: [
      { name: 'startNode', from: 0, to: 14_200 },
      { name: 'loadDavit', from: 14_200, to: 16_900 },
      { name: 'startContainerHooks', from: 17_000, to: 18_400, side: 'container' },
      { name: 'exec', from: 18_410, to: 19_000, side: 'container' },
      { name: 'poststartHooks', from: 19_010, to: 20_700 },
    ],
  },
];

export const CALLER = parseTraceparent('00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01')!;
