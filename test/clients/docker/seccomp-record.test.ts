import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { docker } from '../support/docker.ts';
import { type Engine, withEngine } from '../support/engine.ts';

/** Docker whose davit has the plugin in its configuration file. */
const recording: Engine = {
  ...docker(),
  async start(enclosure) {
    const options = { output: join(enclosure.dir, 'profile.json'), merge: true };
    const plugins = [{ plugin: 'davit/plugins/seccomp-record', options }];
    enclosure.environment.DAVIT_CONFIG = enclosure.write('davit.json', JSON.stringify({ plugins }));
    await docker().start(enclosure);
  },
};

const { run, skip, enclosure } = withEngine(recording);

test('docker: a container runs under the profile that was recorded of it', { skip }, () => {
  const work = "sh -c 'mkdir /dev/shm/d && id -u'";
  const recorded = run(
    `$RUN --rm bb ${work}; $RUN --rm --security-opt no-new-privileges bb ${work}`,
  );
  assert.deepEqual([recorded.stderr, recorded.stdout], ['', '0\n0\n']);
  const profile = JSON.parse(readFileSync(join(enclosure().dir, 'profile.json'), 'utf8'));
  const names = profile.syscalls.flatMap((rule: { names: string[] }) => rule.names);
  assert.ok(names.includes('mkdir') && names.includes('execve'), names.join());
  assert.ok(!names.includes('symlink') && !names.includes('reboot'), names.join());
  // The container is recorded again while it runs under the profile.
  const confined = (script: string) =>
    run(`$RUN --rm --security-opt seccomp=$DIR/profile.json bb sh -c '${script}'`);
  assert.equal(confined('mkdir /dev/shm/d && id -u').stdout, '0\n');
  assert.match(confined('ln -s a /dev/shm/l').stderr, /Operation not permitted/);
});
