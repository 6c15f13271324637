import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { string } from '@oclif/core/args';
import { DavitCommand } from '../cli/command.ts';
import { choiceOf } from '../cli/values/choice.ts';
import { ownDirectory } from '../own-files.ts';

/** The build's file for each shell. */
const FILES = { bash: 'davit', zsh: '_davit', fish: 'davit.fish' } as const;
const SHELLS = Object.keys(FILES) as (keyof typeof FILES)[];

export default class Completion extends DavitCommand {
  static override description = `print the completion for a shell

bash and zsh load it with source <(davit completion SHELL), fish with
davit completion fish | source.`;
  static override args = {
    shell: string({ description: "'bash', 'zsh' or 'fish'", required: true, ignoreStdin: true }),
  };

  protected override ownProcess(): undefined {
    return undefined;
  }

  async run(): Promise<undefined> {
    const { args } = await this.parse(Completion);
    const shell = choiceOf('shell', args.shell, SHELLS, 'completion');
    const file = join(ownDirectory, 'completions', FILES[shell]);
    this.invocation.stdout.write(readFileSync(file, 'utf8'));
  }
}
