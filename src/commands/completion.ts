import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { string } from '@oclif/core/args';
import { DavitCommand } from '../cli/command.ts';
import { UsageError } from '../cli/usage-error.ts';
import { nearestName } from '../errors/nearest-name.ts';
import { ownDirectory } from '../own-files.ts';

/** The build's file for each shell. */
const FILES: Readonly<Record<string, string>> = {
  bash: 'davit',
  zsh: '_davit',
  fish: 'davit.fish',
};

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
    const file = join(ownDirectory, 'completions', fileOf(args.shell));
    this.invocation.stdout.write(readFileSync(file, 'utf8'));
  }
}

function fileOf(shell: string): string {
  if (Object.hasOwn(FILES, shell)) return FILES[shell]!;
  const nearest = nearestName(shell, Object.keys(FILES));
  throw new UsageError(
    `invalid shell ${JSON.stringify(shell)}: expected one of ${Object.keys(FILES).join(', ')}`,
    { command: 'completion', suggestion: nearest && `did you mean ${nearest}?` },
  );
}
