import { definePlugin, type PluginContext } from 'davit/plugin';
import { setAside } from './aside.ts';
import { type Options, readOptions } from './options.ts';
import { store } from './store.ts';
import { Totals } from './totals.ts';

/** The options, and what this process has counted since it last wrote. */
interface Metrics extends Options {
  counted: Totals;
}

/** How long stages take, how many commands there are and which stages fail: Prometheus text, and OTLP. */
export default definePlugin<Metrics>({
  name: 'metrics',
  options(given) {
    const options = readOptions(given);
    return { ...options, counted: new Totals(options.buckets, Date.now()) };
  },
  on: {
    'stage:after': ({ stage, side, duration }, { options: { counted } }) =>
      counted.observe('davit_stage_duration_seconds', stageLabels(stage, side), duration / 1000),
    'stage:error': ({ stage, side }, { options: { counted } }) =>
      counted.count('davit_stage_failures_total', stageLabels(stage, side)),
    'command:after': ({ command, duration }, context) => {
      const { counted } = context.options;
      counted.count('davit_commands_total', `command="${command}",outcome="success"`);
      counted.observe('davit_command_duration_seconds', `command="${command}"`, duration / 1000);
      return write(context);
    },
    'command:error': ({ command }, context) => {
      const { counted } = context.options;
      counted.count('davit_commands_total', `command="${command}",outcome="error"`);
      return write(context);
    },
  },
});

const stageLabels = (stage: string, side: string): string => `stage="${stage}",side="${side}"`;

/** Nothing is lost where others hold the file for too long: it is theirs to add. */
async function write({ options, exclusively }: PluginContext<Metrics>): Promise<void> {
  const hand = (to: typeof store) => {
    to(options.counted, options);
    // At once: other containers of this process go on counting.
    options.counted = new Totals(options.buckets, Date.now());
  };
  try {
    await exclusively(`${options.path}.lock`, () => hand(store));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ETIMEDOUT') throw error;
    hand(setAside);
  }
}
