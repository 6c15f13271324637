import { DavitCommand } from '../../cli/command.ts';
import { notifySocket } from '../../cli/notify-socket.ts';
import { containerId } from '../../cli/operands.ts';
import { start } from '../../operations/life/start.ts';

export default class Start extends DavitCommand {
  static override description = `run the program of a created container

It is not an error when the program cannot be executed: the container
ends with status 1, and the reason is in the container's output, in the
log and in \`davit trace --failed\`.`;
  static override args = { id: containerId() };

  protected override async ownProcess(): Promise<string | undefined> {
    const { args } = await this.parse(Start);
    if (this.invocation.environment.NOTIFY_SOCKET) return 'it waits for the program to be ready';
    const { whyOwnStart } = await import('../../server/own-process.ts');
    const container = this.container(args.id);
    return this.ownProcessForPlugins() ?? whyOwnStart(container, this.invocation.initParent);
  }

  async run(): Promise<undefined> {
    const { args } = await this.parse(Start);
    await start({
      ...this.container(args.id),
      ...notifySocket(this.invocation.environment),
      released: this.invocation.process?.released(),
      // A program that embeds davit is told what it cannot read.
      detached: this.settings.program === undefined,
      session: this.session(),
    });
  }
}
