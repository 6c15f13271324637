import assert from 'node:assert/strict';
import { test } from 'node:test';
import { COMMAND_EXAMPLES } from '../../../tools/docs/command-examples.ts';
import { commandDescriptions, globalFlagDescriptions } from '../../../tools/docs/command-line.ts';

test('the examples call commands and flags that davit has', async () => {
  const commands = await commandDescriptions();
  for (const [name, examples] of Object.entries(COMMAND_EXAMPLES)) {
    const command = commands.find((one) => one.name === name);
    assert.ok(command, name);
    const flags = [...command.flags, ...globalFlagDescriptions()].map((flag) => `--${flag.name}`);
    for (const [, line] of examples) {
      assert.match(line, new RegExp(`^davit (--plugin \\S+ )?${name}\\b`));
      for (const flag of line.match(/--[a-z-]+/g) ?? []) assert.ok(flags.includes(flag), line);
    }
  }
});
