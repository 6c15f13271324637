import { boolean } from '@oclif/core/flags';
import { DavitCommand } from '../../cli/command.ts';
import { eachMatching } from '../../cli/each-matching.ts';
import { regex } from '../../cli/flags.ts';
import { containerId, optional } from '../../cli/operands.ts';
import { signalNumber } from '../../cli/values/signal-number.ts';
import { kill } from '../../operations/life/kill.ts';

export default class Kill extends DavitCommand {
  static override description = "send a signal to a container's first process";
  static override endsContainers = true;
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
    regex: regex(),
  };

  protected override ownProcess(): string | undefined {
    return this.ownProcessForPlugins();
  }

  async run(): Promise<undefined> {
    const { args, flags } = await this.parse(Kill);
    const signal = signalNumber(args.signal || 'SIGTERM');
    const send = (id: string): Promise<void> =>
      kill({
        ...this.container(id),
        signal,
        all: flags.all ?? false,
        session: this.session(),
      });
    await (flags.regex ? eachMatching(args.id, this.settings, send) : send(args.id));
  }
}
