import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { Result } from '../support/command.ts';
import { Machine } from './machine.ts';
import { provideRoot, whatIsMissing } from './root.ts';

/*
 * The README's commands on a new Debian with nothing but its nodejs and npm: `npm run test:fresh`.
 * It needs Debian's packages and npm's, and minutes.
 */

const missing = whatIsMissing();
const root = missing === undefined ? provideRoot() : undefined;
const options = { skip: missing ?? (root === undefined && "needs Debian's packages") };

const machineOf = (t: TestContext, user: number) => new Machine(t, root!, user);

function ranDemo({ status, stdout, stderr }: Result): void {
  assert.equal(status, 0, stdout + stderr);
  assert.match(stdout, /hostname +aboard/);
  assert.match(stdout, /stages cover/);
}

test(
  'root, with the npm of Debian and with npm 10, after a first try that was killed',
  options,
  (t) => {
    const machine = machineOf(t, 0);
    ranDemo(machine.run('npm run demo'));
    assert.match(
      machine.run('npm test test/unit/cli/duration.test.ts').stdout,
      /\d passed, 0 failed/,
    );

    machine.run('npm install --global npm@10 && rm -rf node_modules dist');
    assert.match(machine.run('npm --version').stdout, /^10\./);
    machine.run('timeout --signal KILL 10 npm test test/unit/cli/duration.test.ts');
    assert.match(
      machine.run('npm test test/unit/cli/duration.test.ts').stdout,
      /\d passed, 0 failed/,
    );
    ranDemo(machine.run('npm run demo'));
  },
);

test('an ordinary user is told what only root can install', options, (t) => {
  const machine = machineOf(t, 1000);
  for (const command of ['npm run demo', 'npm test test/unit/cli']) {
    const { status, stderr } = machine.run(command);
    assert.equal(status, 1);
    assert.match(
      stderr,
      /^davit: its Node needs libatomic\.so\.1, .*'apt-get install libatomic1'/m,
    );
  }
  const installed = machine.runAsRoot('apt-get install -y libatomic1');
  assert.equal(installed.status, 0, installed.stderr);
  ranDemo(machine.run('npm run demo'));
  assert.match(
    machine.run('npm test test/unit/cli/duration.test.ts').stdout,
    /\d passed, 0 failed/,
  );
});
