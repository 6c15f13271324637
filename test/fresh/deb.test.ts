import assert from 'node:assert/strict';
import { test } from 'node:test';
import { machineOf, options } from './setup.ts';

test('the Debian package installs, runs a container, and leaves nothing', options, (t) => {
  const machine = machineOf(t, 0);
  const run = (command: string) => {
    const { status, stdout, stderr } = machine.run(command);
    assert.equal(status, 0, stdout + stderr);
    return stdout;
  };
  run('npm run deb -- --out /src/out');
  run('apt-get install -y busybox-static man-db ./out/davit_*.deb');
  assert.match(run('cd / && davit --version'), /^davit version \d/m);
  const files = run('dpkg --listfiles davit');
  for (const file of [
    '/usr/bin/containerd-shim-davit-v1',
    '/usr/lib/systemd/system/davit.socket',
    '/usr/lib/systemd/system/davit-export.service',
    '/usr/lib/systemd/user/davit.service',
    '/usr/share/bash-completion/completions/davit',
    '/usr/share/man/man8/davit-run.8.gz',
    '/usr/share/davit/schemas/config.json',
  ]) {
    assert.ok(files.split('\n').includes(file), file);
  }
  assert.match(run('cat /usr/lib/systemd/system/davit.service'), /ExecStart=\/usr\/bin\/davit /);
  run('mkdir -p bundle/rootfs && cp /bin/busybox bundle/rootfs && davit spec --bundle bundle');
  run(
    `sed -i 's#"terminal": true#"terminal": false#; s#"sh"#"/busybox", "echo", "aboard"#' bundle/config.json`,
  );
  assert.match(run('davit run --bundle bundle one'), /^aboard$/m);
  run('mkdir -p /opt && tar -xzf out/davit-*.tar.gz -C /opt');
  assert.match(run('/opt/davit/davit run --bundle bundle two'), /^aboard$/m);
  run('dpkg --install ./out/davit_*.deb');
  run('dpkg --purge davit');
  assert.equal(run('find / -xdev -path /proc -prune -o -path "*/lib/davit*" -print'), '');
});
