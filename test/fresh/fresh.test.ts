import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NODE_FLAGS } from '../../src/node-flags.ts';
import { machineOf, options, ranDemo } from './setup.ts';

/*
 * `npm run test:fresh`: the README's commands on a new Debian with only its nodejs and npm. It
 * downloads packages of Debian and npm and takes minutes.
 */

test('the packed package works in an empty directory', options, (t) => {
  const machine = machineOf(t, 0);
  const run = (command: string) => {
    const { status, stdout, stderr } = machine.run(command);
    assert.equal(status, 0, stdout + stderr);
    return stdout;
  };
  run('npm pack && apt-get install -y busybox-static');
  run('mkdir -p project/bundle/rootfs && cp /bin/busybox project/bundle/rootfs');
  const inProject = (command: string) => run(`cd project && ${command}`);
  inProject('npm init -y && npm install --loglevel=error ../davit-*.tgz');
  assert.equal(inProject('find . -name node -type f -size +10M').trim().split('\n').length, 1);
  assert.match(inProject('npx davit --version'), /^davit version \d/m);

  inProject('npx davit spec --bundle bundle');
  inProject(
    `sed -i 's#"terminal": true#"terminal": false#; s#"sh"#"/busybox", "echo", "aboard"#' bundle/config.json`,
  );
  assert.match(inProject('npx davit run --bundle bundle one'), /^aboard$/m);
  run('npm install --global --loglevel=error ./davit-*.tgz');
  assert.match(inProject('davit run --bundle bundle one'), /^aboard$/m);
  assert.match(
    run('find "$(npm root --global)/davit" -name node -type f -size +10M | wc -l'),
    /^1$/m,
  );

  machine.write('project/program.mjs', EMBEDDING);
  for (const version of ['22.14.0', '24', '25', '26']) {
    inProject(
      `npm install --no-save --loglevel=error other@npm:node-linux-$(node -p process.arch)@${version}`,
    );
    const ran = inProject(`node_modules/other/bin/node ${NODE_FLAGS.join(' ')} program.mjs`);
    assert.match(ran, /^aboard\nv\d+\S+ 0 ahoy\n$/, version);
  }
});

/** A program that makes a container in its own process. Every Node can run it with davit's flags. */
const EMBEDDING = `
  import { Davit } from 'davit';
  import { definePlugin } from 'davit/plugin';
  let greeting;
  const plugin = definePlugin({ name: 'p', validate: () => { greeting = 'ahoy'; } });
  const { exitCode } = await new Davit({ plugins: [plugin] }).run({ id: 'two', bundle: 'bundle', stdout: 'inherit' });
  console.log(process.version, exitCode, greeting);
`;

test('an ordinary user is told which packages root has to install', options, (t) => {
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
    machine.run('npm test test/unit/cli/values/duration.test.ts').stdout,
    /\b[1-9]\d* passed, 0 failed/,
  );
});
