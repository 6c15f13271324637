import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { DAVIT, runCommand } from '../../support/command.ts';

/*
 * npm packages that are plugins of both davit and oclif: their commands become commands of davit.
 */

const MODULES = join(import.meta.dirname, '../../../node_modules');

const PLUGIN = `
import { definePlugin } from 'davit/plugin';
export default definePlugin({ name: 'greeter', claims: ['env'], adjust: () => ({}) });`;

const HELLO = `
import { Args, Command, Flags } from '@oclif/core';
export default class Hello extends Command {
  static description = 'says hello';
  static args = { whom: Args.string() };
  static flags = { loud: Flags.boolean({ description: 'shouts' }), status: Flags.integer() };
  async run() {
    const { args, flags } = await this.parse(Hello);
    const text = 'hello ' + (args.whom ?? 'world') + ' from ' + this.config.bin;
    this.log(flags.loud ? text.toUpperCase() : text);
    if (flags.status === 9) this.error('no such number', { exit: 9 });
    this.exit(flags.status ?? 0);
  }
}`;

/** Installs packages into a node_modules, with a configuration file beside it that lists them. */
function installed(t: TestContext, packages: Record<string, Record<string, string>>) {
  const directory = mkdtempSync(join(tmpdir(), 'packages-'));
  t.after(() => rmSync(directory, { recursive: true }));
  mkdirSync(join(directory, 'node_modules/@oclif'), { recursive: true });
  symlinkSync(join(MODULES, '@oclif/core'), join(directory, 'node_modules/@oclif/core'));
  for (const [name, files] of Object.entries(packages)) {
    const description = {
      ...{ name, version: '1.0.0', type: 'module', exports: './plugin.js' },
      oclif: { commands: './commands', topicSeparator: ' ' },
    };
    const all = { 'package.json': JSON.stringify(description), ...files };
    for (const [path, text] of Object.entries(all)) {
      const file = join(directory, 'node_modules', name, path);
      mkdirSync(join(file, '..'), { recursive: true });
      writeFileSync(file, text);
    }
  }
  const config = join(directory, 'davit.json');
  writeFileSync(config, JSON.stringify({ plugins: Object.keys(packages) }));
  return (...args: string[]) => runCommand(DAVIT, args, { env: { DAVIT_CONFIG: config } });
}

const greeter = { 'plugin.js': PLUGIN, 'commands/hello.js': HELLO, 'commands/say/hi.js': HELLO };

test("commands of a plugin's package are commands of davit", (t) => {
  const davit = installed(t, { 'davit-greeter': greeter });
  const hello = davit('hello', 'crew', '--loud');
  assert.deepEqual([hello.stdout, hello.stderr, hello.status], ['HELLO CREW FROM DAVIT\n', '', 0]);
  assert.equal(davit('say', 'hi', 'you').stdout, 'hello you from davit\n');
  assert.equal(davit('hello', '--status', '7').status, 7);
  const failed = davit('hello', '--status', '9');
  assert.deepEqual([failed.stderr, failed.status], ['davit: hello: no such number\n', 9]);
});

test('commands of packages are in the help and in the list of plugins', (t) => {
  const davit = installed(t, { 'davit-greeter': greeter });
  assert.match(
    davit('help').stdout,
    /^ {2}create +create a container$[\s\S]*^ {2}hello +says hello$/m,
  );
  for (const args of [
    ['help', 'say', 'hi'],
    ['say', 'hi', '--help'],
    ['help', 'hello'],
  ]) {
    assert.match(davit(...args).stdout, /--loud +shouts/, args.join(' '));
  }
  const [row] = JSON.parse(davit('plugins', '--json').stdout);
  assert.deepEqual([row.name, row.commands], ['greeter', ['hello', 'say:hi']]);
  assert.match(davit('plugins').stdout, /adjust, command hello, command say hi$/m);
});

test('unknown commands, and packages that redefine a command, are errors', (t) => {
  const davit = installed(t, { 'davit-greeter': { ...greeter, 'commands/state.js': HELLO } });
  const unknown = davit('helo');
  assert.deepEqual(
    [unknown.status, unknown.stderr.split('\n')[0]],
    [3, "davit: No help topic for 'helo' (hint: see davit --help)"],
  );
  assert.match(davit('state', 'absent').stderr, /container does not exist/);
  const two = installed(t, { 'davit-a': greeter, 'davit-b': greeter });
  assert.match(two('hello').stderr, /command hello is in both davit-a and davit-b/);
});
