import { DavitCommand } from '../../cli/command.ts';
import { flag, text } from '../../cli/flags.ts';
import { containerId } from '../../cli/operands.ts';
import { UsageError } from '../../cli/usage-error.ts';
import { parseDuration } from '../../cli/values/duration.ts';
import { stringifyJson } from '../../config/json.ts';
import { RuntimeError } from '../../errors/runtime-error.ts';
import { type ContainerNotice, events, stats } from '../../operations/observe/events.ts';

export default class Events extends DavitCommand {
  static override repeatable = true;
  static override description = `print a container's use of resources and its out-of-memory events

Prints one JSON object a line, until the container ends.`;
  static override args = { id: containerId() };
  static override flags = {
    interval: text('time between two statistics, such as 500ms (5s unless given)'),
    stats: flag('print the statistics once'),
  };

  protected override async ownProcess(): Promise<string | undefined> {
    const { flags } = await this.parse(Events);
    return flags.stats ? undefined : 'it ends with the container';
  }

  async run(): Promise<undefined> {
    const { args, flags } = await this.parse(Events);
    const container = this.container(args.id);
    const interval = milliseconds(flags.interval ?? '5s');
    const { stdout } = this.invocation;
    const emit = (notice: ContainerNotice) => stdout.write(`${stringifyJson(notice)}\n`);
    if (interval <= 0) throw new RuntimeError('duration interval must be greater than 0');
    if (flags.stats) emit({ type: 'stats', id: args.id, data: await stats(container) });
    else await events({ ...container, interval, emit });
  }
}

function milliseconds(value: string): number {
  const duration = parseDuration(value);
  if (duration !== undefined) return duration;
  const given = JSON.stringify(value);
  throw new UsageError(
    `invalid value ${given} for flag -interval: time: invalid duration ${given}`,
  );
}
