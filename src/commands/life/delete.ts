import { DavitCommand } from '../../cli/command.ts';
import { eachMatching } from '../../cli/each-matching.ts';
import { flag, regex } from '../../cli/flags.ts';
import { containerId } from '../../cli/operands.ts';
import { deleteContainer } from '../../operations/life/delete.ts';

export default class Delete extends DavitCommand {
  static override description = 'remove a stopped container and everything that is left of it';
  static override endsContainers = true;
  static override args = { id: containerId() };
  static override flags = {
    force: flag('kill it first if it still runs; no error if it does not exist', 'f'),
    regex: regex(),
  };

  protected override async ownProcess(): Promise<string | undefined> {
    const { args, flags } = await this.parse(Delete);
    if (flags.regex) return 'many containers may take long';
    const { whyOwnDelete } = await import('../../server/own-process.ts');
    return this.ownProcessForPlugins() ?? whyOwnDelete(this.container(args.id));
  }

  async run(): Promise<undefined> {
    const { args, flags } = await this.parse(Delete);
    const remove = (id: string): Promise<void> =>
      deleteContainer({
        ...this.container(id),
        force: flags.force ?? false,
        session: this.session(),
      });
    await (flags.regex ? eachMatching(args.id, this.settings, remove) : remove(args.id));
  }
}
