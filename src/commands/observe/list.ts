import { existsSync } from 'node:fs';
import { DavitCommand } from '../../cli/command.ts';
import { flag, format } from '../../cli/flags.ts';
import { table } from '../../cli/output/table.ts';
import { invalidFormat } from '../../cli/values/invalid-format.ts';
import { jsonList } from '../../cli/values/json-list.ts';
import { RuntimeError } from '../../errors/runtime-error.ts';
import { list } from '../../operations/observe/list.ts';

const HEADINGS = ['ID', 'PID', 'STATUS', 'BUNDLE', 'CREATED', 'OWNER'];

export default class List extends DavitCommand {
  static override repeatable = true;
  static override description = 'list the containers below --root';
  static override operands = { min: 0, max: 0 };
  static override flags = {
    format: format(),
    quiet: flag('print ids alone', 'q'),
  };

  protected override ownProcess(): undefined {
    return undefined;
  }

  async run(): Promise<undefined> {
    const { flags } = await this.parse(List);
    const { root, rootGiven } = this.settings;
    const { environment, stdout } = this.invocation;
    if (!['table', 'json'].includes(flags.format)) throw invalidFormat();
    // As runc since 1.2: without --root, a missing directory means that there are no containers
    // yet.
    if (rootGiven && !existsSync(root)) {
      throw new RuntimeError(`open ${root}: no such file or directory`);
    }
    const rows = await list({ root, environment });
    if (flags.quiet) stdout.write(rows.map(({ id }) => `${id}\n`).join(''));
    else if (flags.format === 'table') stdout.write(table([HEADINGS, ...rows.map(cells)]));
    else stdout.write(jsonList(rows));
  }
}

function cells(row: Awaited<ReturnType<typeof list>>[number]): string[] {
  return [row.id, String(row.pid), row.status, row.bundle, row.created, row.owner];
}
