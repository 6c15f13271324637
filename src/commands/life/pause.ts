import { DavitCommand } from '../../cli/command.ts';
import { containerId } from '../../cli/operands.ts';
import { pause } from '../../operations/life/pause.ts';

export default class Pause extends DavitCommand {
  static override description = 'suspend every process of a container';
  static override args = { id: containerId() };

  protected override ownProcess(): string | undefined {
    return this.ownProcessForPlugins();
  }

  async run(): Promise<undefined> {
    const { args } = await this.parse(Pause);
    await pause({ ...this.container(args.id), session: this.session() });
  }
}
