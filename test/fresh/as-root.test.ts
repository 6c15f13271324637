import assert from 'node:assert/strict';
import { test } from 'node:test';
import { machineOf, options, ranDemo } from './setup.ts';

/* The part of `npm run test:fresh` that CI runs. */

test(
  "root installs with Debian's npm and with npm 10, after an installation that was killed",
  options,
  (t) => {
    const machine = machineOf(t, 0);
    ranDemo(machine.run('npm run demo'));
    assert.match(
      machine.run('npm test test/unit/cli/values/duration.test.ts').stdout,
      /\b[1-9]\d* passed, 0 failed/,
    );

    machine.run('npm install --global npm@10 && rm -rf node_modules dist');
    assert.match(machine.run('npm --version').stdout, /^10\./);
    machine.run('timeout --signal KILL 10 npm test test/unit/cli/values/duration.test.ts');
    assert.match(
      machine.run('npm test test/unit/cli/values/duration.test.ts').stdout,
      /\b[1-9]\d* passed, 0 failed/,
    );
    ranDemo(machine.run('npm run demo'));
  },
);
