import assert from 'node:assert/strict';
import { chownSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { features } from '../../../src/config/features.ts';
import { makeBundle, needsRoot, type RuntimeName, type TestSpec } from '../../support/bundle.ts';
import { has } from '../../support/host/has.ts';
import { scriptOutput } from '../../support/run-script.ts';

const options = { skip: needsRoot };

/** Prints of each mount below /mnt: destination, options and propagation. */
const MOUNTS =
  'awk \'$5 ~ "^/mnt/" { print $5, $6, $7 }\' /proc/self/mountinfo | sed "s/:[0-9]*/:N/g" | sort';

const tmpfs =
  (...names: string[]) =>
  (spec: TestSpec) => {
    for (const option of names) {
      const destination = `/mnt/${option}`;
      spec.mounts.push({ destination, type: 'tmpfs', source: 'm', options: [option] });
    }
  };

/** Mounts a tmpfs with each option in davit, and in runc with the options that runc 1.1 knows. */
function views(t: TestContext, names: readonly string[], runcs = names): Map<string, string> {
  const ours = scriptOutput(t, MOUNTS, { spec: tmpfs(...names) });
  const theirs = scriptOutput(t, MOUNTS, { spec: tmpfs(...runcs), runtime: 'runc' });
  const ofRuncs = ours.split('\n').filter((line) => runcs.includes(line.split(/[ /]/)[2]!));
  assert.deepEqual(ofRuncs, theirs.split('\n'));
  return new Map(
    ours.split('\n').map((line) => {
      const [place, ...rest] = line.split(' ');
      return [place!.slice(5), rest.join(' ')];
    }),
  );
}

const FLAGS: Record<string, RegExp> = {
  ro: /^ro,/,
  rw: /^rw,/,
  nosuid: /nosuid/,
  suid: /^rw,relatime/,
  nodev: /nodev/,
  dev: /^rw,relatime/,
  noexec: /noexec/,
  exec: /^rw,relatime/,
  noatime: /noatime/,
  nodiratime: /nodiratime/,
  relatime: /relatime/,
  strictatime: /^rw -/,
  norelatime: /^rw/,
  atime: /^rw,relatime/,
  diratime: /^rw,relatime/,
  defaults: /^rw,relatime/,
};
const PROPAGATIONS = ['private', 'rprivate', 'slave', 'rslave', 'shared', 'rshared'];

test('each option that is a mount flag', options, (t) => {
  const names = Object.keys(FLAGS);
  // runc 1.1 passes `defaults` to the file system, which refuses it; newer ones do not.
  const seen = views(
    t,
    names,
    names.filter((name) => name !== 'defaults'),
  );
  for (const [name, expected] of Object.entries(FLAGS))
    assert.match(seen.get(name)!, expected, name);
});

test('each propagation option', options, (t) => {
  const names = [...PROPAGATIONS, 'unbindable', 'runbindable'];
  const seen = views(t, names);
  for (const name of names) {
    const expected = name.includes('shared')
      ? / shared:N$/
      : name.includes('un')
        ? / unbindable/
        : / -$/;
    assert.match(seen.get(name)!, expected, name);
  }
});

// mount_setattr(2) exists since Linux 5.12.
const RECURSIVE: Record<string, RegExp> = {
  rro: /^ro,/,
  rnosuid: /nosuid/,
  rnodev: /nodev/,
  rnoexec: /noexec/,
  rnoatime: /noatime/,
  rnodiratime: /nodiratime/,
  rnosymfollow: /nosymfollow/,
};

test('recursive options apply to the mounts below a bind mount', options, (t) => {
  for (const [option, expected] of Object.entries(RECURSIVE)) {
    const [ours, theirs] = (['davit', 'runc'] as RuntimeName[]).map((runtime) => {
      const bundle = makeBundle(t, { runtime, args: ['sh', '-c', MOUNTS] });
      const source = join(bundle.dir, 'source');
      mkdirSync(join(source, 'below'), { recursive: true });
      assert.equal(bundle.command('mount', '-t', 'tmpfs', 'b', join(source, 'below')).status, 0);
      try {
        bundle.configure((spec) => {
          spec.process.args = ['sh', '-c', MOUNTS];
          spec.mounts.push({ destination: '/mnt/d', source, options: ['rbind', option] });
        });
        const done = bundle.run();
        assert.equal(done.status, 0, `${runtime} ${option}: ${done.stderr}`);
        return done.stdout.trimEnd();
      } finally {
        bundle.command('umount', join(source, 'below'));
      }
    });
    assert.equal(ours, theirs, option);
    for (const place of ['/mnt/d ', '/mnt/d/below ']) {
      const line = ours!.split('\n').find((text) => text.startsWith(place))!;
      assert.match(line.slice(place.length), expected, option);
    }
  }
});

test('recursive options apply to a new file system, as in crun', options, (t) => {
  const recursive: Record<string, RegExp> = {
    ...RECURSIVE,
    rrelatime: /relatime/,
    rstrictatime: /^(?!.*(rel|no)atime)/,
  };
  const names = Object.keys(recursive);
  const types = {
    davit: ['tmpfs', 'ramfs', 'sysfs', 'mqueue', 'cgroup'],
    crun: ['tmpfs', 'ramfs'],
  };
  // crun 1.8 does not clear the old access time flag and lacks nosymfollow: EINVAL.
  const known = { davit: names, crun: names.filter((name) => !/atime|follow/.test(name)) };
  for (const runtime of has('crun') ? (['davit', 'crun'] as const) : (['davit'] as const)) {
    const seen = scriptOutput(t, MOUNTS, {
      runtime,
      spec: mountAnew(types[runtime], known[runtime]),
    });
    for (const option of known[runtime]) {
      for (const type of types[runtime]) {
        const place = `/mnt/${type}/${option} `;
        const line = seen.split('\n').find((text) => text.startsWith(place));
        assert.match(line!.slice(place.length), recursive[option]!, `${runtime} ${place}`);
      }
    }
  }
});

const mountAnew = (types: string[], names: string[]) => (spec: TestSpec) => {
  spec.ociVersion = '1.0.2';
  for (const type of types) {
    for (const option of names) {
      const destination = `/mnt/${type}/${option}`;
      spec.mounts.push({ destination, type, source: type, options: [option] });
    }
  }
};

test('rro makes a tmpfs read-only after the mounts inside it are made', options, (t) => {
  const add = (spec: TestSpec) => {
    spec.mounts.push(
      { destination: '/mnt/a', type: 'tmpfs', source: 'tmpfs', options: ['rro'] },
      { destination: '/mnt/a/b', type: 'tmpfs', source: 'tmpfs' },
    );
  };
  assert.match(scriptOutput(t, MOUNTS, { spec: add }), /^\/mnt\/a ro,.*\n\/mnt\/a\/b rw,/);
});

test('every option that features lists is accepted', options, (t) => {
  const plain = features().mountOptions.filter(
    // Left out: binds need a source, idmaps need mappings, symlink options need a bind mount, the
    // kernel dropped mand, and remount needs a mount.
    (name) => !/bind$|idmap$|symlink$|-nofollow$|^mand$|^remount$/.test(name),
  );
  const seen = scriptOutput(t, MOUNTS, { spec: tmpfs(...plain) });
  for (const name of plain) assert.match(seen, new RegExp(`^/mnt/${name} `, 'm'));
});

test("idmap= of crun: the mount's own id mappings, as in crun", options, (t) => {
  for (const runtime of has('crun') ? (['davit', 'crun'] as const) : (['davit'] as const)) {
    const bundle = makeBundle(t, { runtime });
    const source = join(bundle.dir, 'source');
    mkdirSync(source);
    writeFileSync(join(source, 'a'), '');
    writeFileSync(join(source, 'b'), '');
    chownSync(join(source, 'b'), 7, 20);
    bundle.configure((spec) => {
      spec.ociVersion = '1.0.2';
      spec.process.args = ['stat', '-c', '%n %u %g', '/mnt/a', '/mnt/b'];
      const idmap = 'idmap=uids=0-1000-5#7-3000-1;gids=0-2000-100';
      spec.mounts.push({ destination: '/mnt', type: 'bind', source, options: ['rbind', idmap] });
    });
    const { stdout, stderr } = bundle.run();
    assert.equal(stdout, '/mnt/a 1000 2000\n/mnt/b 3000 2020\n', `${runtime}: ${stderr}`);
  }
});

// runc 1.1 makes no idmapped mounts without a user namespace.
for (const option of ['idmap', 'ridmap']) {
  test(`${option}: file ids are mapped without a user namespace`, options, (t) => {
    const bundle = makeBundle(t);
    const source = join(bundle.dir, 'source');
    mkdirSync(source);
    writeFileSync(join(source, 'file'), '');
    const mapping = [{ containerID: 0, hostID: 1000, size: 1000 }];
    bundle.configure((spec) => {
      spec.process.args = ['sh', '-c', 'stat -c "%u %g" /mnt/file; touch /mnt/new'];
      spec.mounts.push({
        destination: '/mnt',
        source,
        options: ['rbind', option],
        uidMappings: mapping,
        gidMappings: mapping,
      });
    });
    const done = bundle.run();
    assert.equal(done.stdout, '1000 1000\n', done.stderr);
  });
}
