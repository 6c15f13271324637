import { DavitCommand } from '../../cli/command.ts';
import { containerId } from '../../cli/operands.ts';
import { state } from '../../operations/observe/state.ts';

export default class State extends DavitCommand {
  static override repeatable = true;
  static override description = 'print the state of a container as JSON';
  static override args = { id: containerId() };

  protected override ownProcess(): undefined {
    return undefined;
  }

  async run(): Promise<undefined> {
    const { args } = await this.parse(State);
    const found = await state(this.container(args.id));
    this.invocation.stdout.write(JSON.stringify(found, null, 2));
  }
}
