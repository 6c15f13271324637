import { DavitCommand } from '../cli/command.ts';
import { features } from '../config/features.ts';

export default class Features extends DavitCommand {
  static override repeatable = true;
  static override description = `print what this davit supports, as JSON

The runtime-spec's features.md says what each property means.`;
  static override operands = { min: 0, max: 0 };

  protected override ownProcess(): undefined {
    return undefined;
  }

  async run(): Promise<undefined> {
    await this.parse(Features);
    this.invocation.stdout.write(`${JSON.stringify(features(), null, 4)}\n`);
  }
}
