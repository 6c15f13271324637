import { boolean } from '@oclif/core/flags';
import { DavitCommand } from '../../cli/command.ts';
import { text } from '../../cli/flags.ts';
import { rest } from '../../cli/operands.ts';
import { table } from '../../cli/output/table.ts';
import { USAGE_HEADINGS, usageCells } from '../../cli/output/usage-cells.ts';
import { byteCount } from '../../cli/values/byte-count.ts';
import { intervalFlag } from '../../cli/values/interval-flag.ts';
import { stringifyJson } from '../../config/json.ts';
import { type ContainerUsage, usages } from '../../operations/observe/usage.ts';

/** Milliseconds over which CPU use is measured when there is no --interval. */
const ONCE = 500;
const HEADINGS = [...USAGE_HEADINGS, 'LIMIT', 'READ', 'WRITTEN'];
/** ECMA-48: moves the cursor to the top and erases everything below it. */
const CLEAR = '\x1b[H\x1b[J';

export default class Stats extends DavitCommand {
  static override repeatable = true;
  static override description = `show what containers use: CPU, memory, processes, I/O

Shows all containers that have not stopped, unless ids are given. 100% is one CPU.`;
  static override operands = { min: 0, max: Infinity };
  static override args = { ids: rest('ids of containers') };
  static override flags = {
    interval: text('repeat after each interval, such as 2s'),
    json: boolean({ description: 'print each sample as a line of JSON, in bytes and nanoseconds' }),
  };

  protected override async ownProcess(): Promise<string | undefined> {
    const { flags } = await this.parse(Stats);
    return flags.interval && 'it ends with the containers';
  }

  async run(): Promise<undefined> {
    const { args, flags } = await this.parse(Stats);
    const { environment, stdout } = this.invocation;
    const ids = (args.ids as string[] | undefined) ?? [];
    const interval = flags.interval === undefined ? ONCE : intervalFlag(flags.interval);
    const clear = flags.interval !== undefined && !flags.json && stdout.isTerminal ? CLEAR : '';
    for await (const usage of usages({
      root: this.settings.root,
      environment,
      ids,
      interval,
    })) {
      const shown = flags.json
        ? `${stringifyJson(usage)}\n`
        : table([HEADINGS, ...usage.map(cells)]);
      if (!stdout.write(clear + shown) || flags.interval === undefined) return;
    }
  }
}

const cells = (usage: ContainerUsage): string[] => [
  ...usageCells(usage),
  String(usage.pids.limit ?? 'none'),
  byteCount(usage.io.read),
  byteCount(usage.io.written),
];
