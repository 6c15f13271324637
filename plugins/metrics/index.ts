import { definePlugin, type PluginContext } from 'davit/plugin';
import type { LabelName } from './families.ts';
import { type Options, readOptions } from './options.ts';
import { savePendingCounts } from './pending-counts.ts';
import { store } from './store.ts';
import { Totals } from './totals.ts';

/** The options, and this process's counts since it last wrote. */
interface Metrics extends Options {
  counted: Totals;
}

/** Counts the durations of stages, commands and failed stages, as Prometheus text and OTLP. */
export default definePlugin<Metrics>({
  name: 'metrics',
  options(given) {
    const options = readOptions(given);
    return { ...options, counted: new Totals(options.buckets, Date.now()) };
  },
  on: {
    'stage:after': ({ duration, ...stage }, { options: { counted } }) =>
      counted.observe('davit_stage_duration_seconds', stageLabels(stage), duration / 1000),
    'stage:error': ({ duration, error, ...stage }, { options: { counted } }) => {
      const labels = stageLabels(stage, error);
      counted.observe('davit_stage_duration_seconds', labels, duration / 1000);
      counted.count('davit_stage_failures_total', labels);
    },
    'command:after': ({ command, duration }, context) => {
      countCommand(context, { davit_command: command }, duration);
      return write(context);
    },
    'command:error': ({ command, duration, error }, context) => {
      countCommand(context, { davit_command: command, error_type: errorType(error) }, duration);
      return write(context);
    },
  },
});

interface Failure {
  code?: string | undefined;
  type?: string | undefined;
}

const stageLabels = ({ stage, side }: { stage: string; side: string }, error?: Failure): string =>
  labels({
    davit_stage_name: stage,
    davit_stage_side: side,
    ...(error && { error_type: errorType(error) }),
  });

function countCommand(
  { options: { counted } }: PluginContext<Metrics>,
  own: Partial<Record<LabelName, string>>,
  duration: number,
): void {
  counted.observe('davit_command_duration_seconds', labels(own), duration / 1000);
}

/** Labels in Prometheus's format. None of the values needs to be escaped. */
const labels = (own: Partial<Record<LabelName, string>>): string =>
  Object.entries(own)
    .map(([name, value]) => `${name}="${value}"`)
    .join(',');

/** An errno's name, else the error's class if that is a word. */
function errorType({ code, type }: Failure): string {
  const given = code ?? type ?? '';
  return /^\w+$/.test(given) ? given : '_OTHER';
}

/** If others hold the file for too long, the counts are saved for them to add. */
async function write({ options, exclusively }: PluginContext<Metrics>): Promise<void> {
  const hand = (to: typeof store) => {
    to(options.counted, options);
    // Reset at once: other containers of this process go on counting.
    options.counted = new Totals(options.buckets, Date.now());
  };
  try {
    await exclusively(`${options.path}.lock`, () => hand(store));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ETIMEDOUT') throw error;
    hand(savePendingCounts);
  }
}
