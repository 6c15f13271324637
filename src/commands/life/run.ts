import { DavitCommand } from '../../cli/command.ts';
import { flag, launchFlags } from '../../cli/flags.ts';
import { launchRequest } from '../../cli/launch-request.ts';
import { containerId } from '../../cli/operands.ts';
import type { ConfiguredContext } from '../../context/context.ts';
import { beginForeground } from '../../operations/launch/foreground.ts';
import { run } from '../../operations/life/run.ts';

export default class Run extends DavitCommand {
  static override description = `create a container and start it

Waits for the program, unless detached, and exits with its status:
128 + n where signal n killed it.`;
  static override args = { id: containerId() };
  static override flags = {
    ...launchFlags,
    detach: flag('leave the program running and return', 'd'),
    keep: flag('do not delete the container when its program ends'),
    'no-subreaper': flag('do not adopt the orphans of the container'),
  };

  protected override async ownProcess(): Promise<string | undefined> {
    const { whyOwnLaunch } = await import('../../server/own-process.ts');
    const request = await this.#request();
    if (request.notifySocket) return 'it waits for the program to be ready';
    return this.ownProcessForPlugins() ?? whyOwnLaunch(request, this.invocation.initParent);
  }

  async run(): Promise<number> {
    return run({ ...(await this.#request()), session: this.session() });
  }

  async #request() {
    const { args, flags } = await this.parse(Run);
    return {
      ...(await launchRequest(args.id, flags, this.settings, this.invocation)),
      detach: flags.detach ?? false,
      supervise: flags.detach
        ? undefined
        : (ctx: ConfiguredContext) => beginForeground(ctx, this.settings.program?.terminal),
      keep: flags.keep ?? false,
      noSubreaper: flags['no-subreaper'] ?? false,
    };
  }
}
