import { string } from '@oclif/core/flags';
import { DavitCommand } from '../../cli/command.ts';
import { text } from '../../cli/flags.ts';
import { rest } from '../../cli/operands.ts';
import { Screen } from '../../cli/output/screen.ts';
import { TOP_ORDERS, type TopOrder, topTable } from '../../cli/output/top-table.ts';
import { choiceOf } from '../../cli/values/choice.ts';
import { intervalFlag } from '../../cli/values/interval-flag.ts';
import { type ContainerUsage, usages } from '../../operations/observe/usage.ts';

/** Milliseconds between two looks without --interval: on a terminal, and for one table. */
const REDRAWN = 2000;
const ONCE = 500;
const ORDER_OF_KEY: Readonly<Record<string, TopOrder>> = {
  c: 'cpu',
  m: 'memory',
  i: 'io',
  p: 'pids',
  n: 'id',
};
const KEYS = 'sort by: c CPU, m memory, i I/O, p processes, n name; q quits';

export default class Top extends DavitCommand {
  static override repeatable = true;
  static override description = `show which containers use most CPU, memory or I/O

Shows all containers that have not stopped, unless ids are given. On a
terminal the table is drawn again after each interval, and keys choose
the order. Elsewhere davit prints one table. 100% is one CPU.`;
  static override operands = { min: 0, max: Infinity };
  static override args = { ids: rest('ids of containers') };
  static override flags = {
    sort: string({
      char: 's',
      default: 'cpu',
      description: "'cpu', 'memory', 'io', 'pids' or 'id'",
      helpValue: '<order>',
    }),
    interval: text('time over which use is measured, such as 5s (2s unless given)'),
  };

  protected override ownProcess(): string | undefined {
    return this.invocation.stdout.isTerminal ? 'it lasts until a key ends it' : undefined;
  }

  async run(): Promise<undefined> {
    const { args, flags } = await this.parse(Top);
    const { environment, stdout } = this.invocation;
    const order = choiceOf('--sort', flags.sort, TOP_ORDERS);
    const interval = flags.interval === undefined ? undefined : intervalFlag(flags.interval);
    const request = {
      root: this.settings.root,
      environment,
      ids: (args.ids as string[] | undefined) ?? [],
    };
    if (stdout.isTerminal)
      return this.#follow({ ...request, interval: interval ?? REDRAWN }, order);
    const samples = usages({ ...request, interval: interval ?? ONCE });
    for await (const usage of samples) return void stdout.write(topTable(usage, order));
  }

  /** Draws until a key ends it, or until all containers that were asked for have ended. */
  async #follow(request: Parameters<typeof usages>[0], first: TopOrder): Promise<undefined> {
    let order = first;
    let shown: readonly ContainerUsage[] = [];
    const quit = Promise.withResolvers<undefined>();
    const draw = () => {
      const count = `${shown.length} ${shown.length === 1 ? 'container' : 'containers'}`;
      const drawn = screen.draw(`davit top: ${count}; ${KEYS}\n\n${topTable(shown, order)}`);
      if (!drawn) quit.resolve(undefined);
    };
    using screen = new Screen(this.invocation.stdout, (key) => {
      if (key === 'q') quit.resolve(undefined);
      order = ORDER_OF_KEY[key] ?? order;
      draw();
    });
    draw();
    const samples = usages(request);
    for (;;) {
      const next = await Promise.race([samples.next(), quit.promise]);
      if (!next || next.done) return;
      shown = next.value;
      draw();
    }
  }
}
