import { DavitCommand } from '../../cli/command.ts';
import { flag } from '../../cli/flags.ts';
import { table } from '../../cli/output/table.ts';
import { stages } from '../../operations/observe/stages.ts';

export default class Stages extends DavitCommand {
  static override repeatable = true;
  static override description = `list the stages of a container's life, in order

The names are those of spans, events and plugin hooks. The side is where
a stage runs: in the runtime's process or in init, inside the container.`;
  static override operands = { min: 0, max: 0 };
  static override flags = { json: flag('print them as JSON') };

  protected override ownProcess(): undefined {
    return undefined;
  }

  async run(): Promise<undefined> {
    const { flags } = await this.parse(Stages);
    const { stdout } = this.invocation;
    const rows = stages();
    if (flags.json) stdout.write(`${JSON.stringify(rows, null, 2)}\n`);
    else {
      const cells = rows.map(({ phase, name, side, summary }) => [phase, name, side, summary]);
      stdout.write(table([['PHASE', 'STAGE', 'SIDE', 'WHAT IT DOES'], ...cells]));
    }
  }
}
