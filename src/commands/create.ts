import { boolean } from '@oclif/core/flags';
import { DavitCommand } from '../cli/command.ts';
import { launchFlags } from '../cli/flags.ts';
import { launchRequest } from '../cli/launch-request.ts';
import { containerId } from '../cli/operands.ts';
import { create } from '../operations/life/create.ts';

export default class Create extends DavitCommand {
  static override description = `create a container

Makes the container's namespaces, mounts and cgroups. Its program waits
for 'davit start'. The bundle holds config.json and, usually, the root
filesystem.`;
  static override args = { id: containerId() };
  static override flags = {
    ...launchFlags,
    // crun accepts it for symmetry with `run`. `create` does not become a subreaper.
    'no-subreaper': boolean({ description: 'accepted, and ignored', hidden: true }),
  };

  protected override ownProcess(): string {
    return 'the init of a container descends from its caller';
  }

  async run(): Promise<undefined> {
    const { args, flags } = await this.parse(Create);
    await create({
      ...launchRequest(args.id, flags, this.settings, this.invocation),
      session: this.extensibleSession(),
    });
  }
}
