import { DavitCommand } from '../cli/command.ts';
import { flag } from '../cli/flags.ts';
import { containerId } from '../cli/operands.ts';
import { deleteContainer } from '../operations/delete.ts';

export default class Delete extends DavitCommand {
  static override description = 'remove a stopped container and all that is left of it';
  static override args = { id: containerId() };
  static override flags = {
    force: flag('kill it first where it still runs; no error where it does not exist', 'f'),
  };

  async run(): Promise<undefined> {
    const { args, flags } = await this.parse(Delete);
    await deleteContainer({
      root: this.settings.root,
      id: args.id,
      force: flags.force ?? false,
      session: this.extensibleSession(),
    });
  }
}
