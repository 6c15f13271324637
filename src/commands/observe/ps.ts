import { DavitCommand } from '../../cli/command.ts';
import { format } from '../../cli/flags.ts';
import { containerId, rest } from '../../cli/operands.ts';
import { hostPs } from '../../cli/output/host-ps.ts';
import { invalidFormat } from '../../cli/values/invalid-format.ts';
import { jsonList } from '../../cli/values/json-list.ts';
import { ps } from '../../operations/observe/ps.ts';

export default class Ps extends DavitCommand {
  static override repeatable = true;
  static override description = `list the processes of a container

Runs the host's ps(1) with the options after the id (-ef unless given),
and prints the lines about the container's processes.`;
  static override operands = { min: 1, max: Infinity, stopAfter: 1 };
  static override args = {
    id: containerId(),
    options: rest('options for ps(1)'),
  };
  static override flags = {
    format: format("'json' (pids alone)"),
  };

  protected override async ownProcess(): Promise<string | undefined> {
    const { args } = await this.parse(Ps);
    const options = args.options as string[] | undefined;
    return options?.length ? 'options of ps may depend on its terminal' : undefined;
  }

  async run(): Promise<undefined> {
    const { args, flags } = await this.parse(Ps);
    const { stdout } = this.invocation;
    const pids = await ps(this.container(args.id));
    const options = (args.options as string[] | undefined) ?? [];
    if (flags.format === 'json') stdout.write(jsonList(pids));
    else if (flags.format === 'table') stdout.write(hostPs(options, pids, this.invocation));
    else throw invalidFormat();
  }
}
