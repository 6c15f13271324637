import { boolean } from '@oclif/core/flags';
import { DavitCommand } from '../../cli/command.ts';
import { launchFlags } from '../../cli/flags.ts';
import { launchRequest } from '../../cli/launch-request.ts';
import { containerId } from '../../cli/operands.ts';
import { create } from '../../operations/life/create.ts';

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

  protected override async ownProcess(): Promise<string | undefined> {
    const { whyOwnLaunch } = await import('../../server/own-process.ts');
    const request = await this.#request();
    return this.ownProcessForPlugins() ?? whyOwnLaunch(request, this.invocation.initParent);
  }

  async run(): Promise<undefined> {
    await create({ ...(await this.#request()), session: this.session() });
  }

  async #request() {
    const { args, flags } = await this.parse(Create);
    return launchRequest(args.id, flags, this.settings, this.invocation);
  }
}
