import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { commandDescriptions, globalFlagDescriptions } from '../../docs/command-line.ts';
import { commandManPage, davitManPage } from '../../docs/man-page.ts';
import { bashCompletion } from '../../docs/shells/bash.ts';
import { fishCompletion } from '../../docs/shells/fish.ts';
import { zshCompletion } from '../../docs/shells/zsh.ts';

/** Writes the shells' completions and the man pages, generated from davit's commands. */
export async function writeShellFiles(dist: string): Promise<void> {
  const commands = await commandDescriptions();
  const flags = globalFlagDescriptions();
  writeAll(join(dist, 'completions'), {
    davit: bashCompletion(commands, flags),
    'davit.fish': fishCompletion(commands, flags),
    _davit: zshCompletion(commands, flags),
  });
  writeAll(join(dist, 'man', 'man8'), {
    'davit.8': davitManPage(commands, flags),
    ...Object.fromEntries(
      commands.map((command) => [`davit-${command.name}.8`, commandManPage(command)]),
    ),
  });
}

function writeAll(directory: string, files: Record<string, string>): void {
  mkdirSync(directory, { recursive: true });
  for (const [name, content] of Object.entries(files)) {
    writeFileSync(join(directory, name), content);
  }
}
