import { boolean } from '@oclif/core/flags';
import { DavitCommand } from '../cli/command.ts';
import { containerId, optional } from '../cli/operands.ts';
import { signalNumber } from '../cli/signal-number.ts';
import { kill } from '../operations/kill.ts';

export default class Kill extends DavitCommand {
  static override description = "send a signal to a container's first process";
  static override operands = { min: 1, max: 2, stopAfter: 1 };
  static override args = {
    id: containerId(),
    signal: optional('number or name, with or without SIG (SIGTERM unless given)'),
  };
  static override flags = {
    all: boolean({
      char: 'a',
      description: 'no error when the container has stopped already (obsolete)',
      hidden: true,
    }),
  };

  async run(): Promise<undefined> {
    const { args, flags } = await this.parse(Kill);
    const signal = signalNumber(args.signal || 'SIGTERM');
    await kill({
      root: this.settings.root,
      id: args.id,
      signal,
      all: flags.all ?? false,
      session: this.session(),
    });
  }
}
