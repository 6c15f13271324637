import { DavitCommand } from '../cli/command.ts';
import { notifySocket } from '../cli/notify-socket.ts';
import { containerId } from '../cli/operands.ts';
import { start } from '../operations/start.ts';

export default class Start extends DavitCommand {
  static override description = `run the program of a created container

Fails, with the reason, when the program cannot be executed.`;
  static override args = { id: containerId() };

  async run(): Promise<undefined> {
    const { args } = await this.parse(Start);
    await start({
      root: this.settings.root,
      id: args.id,
      ...notifySocket(process.env),
      session: this.extensibleSession(),
    });
  }
}
