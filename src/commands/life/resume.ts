import { DavitCommand } from '../../cli/command.ts';
import { containerId } from '../../cli/operands.ts';
import { resume } from '../../operations/life/resume.ts';

export default class Resume extends DavitCommand {
  static override description = 'resume the processes of a paused container';
  static override args = { id: containerId() };

  protected override ownProcess(): string | undefined {
    return this.ownProcessForPlugins();
  }

  async run(): Promise<undefined> {
    const { args } = await this.parse(Resume);
    await resume({ ...this.container(args.id), session: this.session() });
  }
}
