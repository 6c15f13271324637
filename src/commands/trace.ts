import { DavitCommand } from '../cli/command.ts';
import { flag, texts } from '../cli/flags.ts';
import { optional } from '../cli/operands.ts';
import { STDOUT, write } from '../cli/output.ts';
import { drawing } from '../cli/terminal.ts';
import { traceCommand } from '../operations/trace.ts';

export default class Trace extends DavitCommand {
  static override description = `show where the time of a container's life went

One line a stage: duration, share, place on the time axis; failures stand
out. Without an id, the container traced last.`;
  static override operands = { min: 0, max: 1 };
  static override args = { id: optional('name of the container') };
  static override flags = {
    command: texts("only these: 'create', 'start', 'exec' and so on"),
    json: flag('print the spans as OTLP/JSON'),
  };

  async run(): Promise<undefined> {
    const { args, flags } = await this.parse(Trace);
    const text = traceCommand({
      id: args.id,
      commands: flags.command,
      json: flags.json,
      environment: process.env,
      ...drawing(),
    });
    write(STDOUT, text.endsWith('\n') ? text : `${text}\n`);
  }
}
