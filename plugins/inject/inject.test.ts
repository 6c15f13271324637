import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { makeBundle, needsRoot, type TestSpec } from '../../test/support/bundle.ts';

const options = { skip: needsRoot };

type Change = (spec: TestSpec) => void;

/** A bundle with CDI files, given by `directory/name`. The directory `second` has precedence. */
function injected(t: TestContext, files: Record<string, unknown>, more: object, change?: Change) {
  const bundle = makeBundle(t, { spec: change });
  const directories = ['first', 'second'].map((name) => join(bundle.dir, name));
  for (const [path, content] of Object.entries(files)) {
    const file = join(bundle.dir, path);
    mkdirSync(join(file, '..'), { recursive: true });
    writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
  }
  const config = join(bundle.dir, 'davit.json');
  const plugin = join(import.meta.dirname, 'index.ts');
  const plugins = [{ plugin, options: { directories, ...more } }];
  writeFileSync(config, JSON.stringify({ plugins }));
  const env = { DAVIT_CONFIG: config };
  const run = () => bundle.runtimeWith({ env }, 'run', '--bundle', bundle.dir, bundle.id);
  return { bundle, run };
}

const cdi = (devices: object[], more: object = {}) => ({
  cdiVersion: '1.1.0',
  kind: 'vendor.com/class',
  devices,
  ...more,
});

const says = (value: string) => ({ containerEdits: { env: [`SAYS=${value}`] } });

test('all edits of a device are applied to the container', options, (t) => {
  const yaml = `
cdiVersion: "0.7.0"
kind: vendor.com/gpu
containerEdits:
  env: [DRIVER=shared, A=b=c]
  additionalGids: [0, 44]
devices:
  - name: "0"
    annotations: { model: fast }
    containerEdits:
      deviceNodes:
        - { path: /dev/gpu0, hostPath: /dev/kmsg, permissions: r, fileMode: 0640, gid: 44 }
        - { path: /dev/fixed, type: c, major: 1, minor: 3 }
      mounts:
        - { hostPath: /usr/share, containerPath: /opt/driver, options: [ro, rbind] }
      hooks:
        - { hookName: createContainer, path: /bin/sh, args: [sh, -c, "echo hooked > hook"], timeout: 5 }
  - name: "1"
    containerEdits: { env: [DRIVER=own] }
`;
  const script = `echo $DRIVER $A; id -G; stat -c '%t,%T %a %g' /dev/gpu0 /dev/fixed
    true > /dev/gpu0 || echo refused
    grep -o ' /opt/driver .* ro,' /proc/mounts | cut -d ' ' -f 2; cat /hook`;
  const { bundle, run } = injected(
    t,
    { 'first/gpu.yaml': yaml },
    { devices: ['vendor.com/gpu=0'] },
    (spec) => {
      spec.process.args = ['sh', '-c', script];
      spec.root.readonly = false;
      spec.annotations = { 'cdi.k8s.io/more': 'vendor.com/gpu=0,vendor.com/gpu=1' };
      spec.linux.resources = { devices: [{ allow: false, access: 'rwm' }] };
    },
  );
  const { stdout, stderr } = run();
  assert.deepEqual(stdout.trim().split('\n'), [
    ...['own b=c', '0 44', '1,b 640 44', '1,3 666 0', 'refused', '/opt/driver', 'hooked'],
  ]);
  assert.match(stderr, /can't create \/dev\/gpu0: Operation not permitted/);
  bundle.expectNothingLeft();
});

for (const [what, mount, given, owner] of [
  ['root on the host is root there', { options: ['rbind', 'ro'] }, {}, '0'],
  ['also where bind is the type', { type: 'bind' }, {}, '0'],
  ['unless it is not to be', { options: ['bind'] }, { idMap: false }, '65534'],
] as const) {
  test(`mounts in a user namespace: ${what}`, options, (t) => {
    const mounts = [{ hostPath: '/usr/share', containerPath: '/dev/shm/share', ...mount }];
    const file = cdi([{ name: 'x', containerEdits: { mounts } }]);
    const devices = ['vendor.com/class=x'];
    const { run } = injected(t, { 'first/x.json': file }, { devices, ...given }, (spec) => {
      spec.process.args = ['stat', '-c', '%u', '/dev/shm/share'];
      spec.linux.namespaces.push({ type: 'user' });
      const mappings = [{ containerID: 0, hostID: 100_000, size: 65_536 }];
      Object.assign(spec.linux, { uidMappings: mappings, gidMappings: mappings });
    });
    const { stdout, stderr } = run();
    assert.deepEqual([stdout, stderr], [`${owner}\n`, '']);
  });
}

test('a network device moves into the container', options, (t) => {
  const device = `dv${process.pid}`;
  const edits = { netDevices: [{ hostInterfaceName: device, name: 'inside' }] };
  const { run } = injected(
    t,
    { 'first/net.json': cdi([{ name: 'nic', containerEdits: edits }]) },
    { devices: ['vendor.com/class=nic'] },
    (spec) => {
      spec.process.args = ['ip', 'link', 'show', 'inside'];
    },
  );
  const made = spawnSync('ip', [
    'link',
    'add',
    device,
    'type',
    'veth',
    'peer',
    'name',
    `${device}p`,
  ]);
  if (made.status !== 0) return t.skip(`no veth devices: ${made.stderr}`);
  t.after(() => spawnSync('ip', ['link', 'delete', device]));
  const { stdout, stderr } = run();
  assert.deepEqual([/ inside[@:]/.test(stdout), stderr], [true, '']);
});

test('without devices in options or annotations, nothing is changed', options, (t) => {
  const { run } = injected(t, { 'first/broken.json': '{' }, {});
  assert.deepEqual(run(), { status: 0, signal: null, stdout: '', stderr: '' });
  const off = injected(t, {}, { annotations: false }, (spec) => {
    spec.annotations = { 'cdi.k8s.io/x': 'vendor.com/class=a' };
  });
  assert.equal(off.run().stderr, '');
});

test('a later directory wins; two files of one directory are in conflict', options, (t) => {
  const files = {
    'first/a.json': cdi([{ name: 'x', ...says('first') }]),
    'second/a.json': cdi([{ name: 'x', ...says('second') }]),
    'second/b.json': cdi([{ name: 'y', ...says('b') }]),
    'second/c.json': cdi([{ name: 'y', ...says('c') }]),
  };
  const change: Change = (spec) => {
    spec.process.args = ['sh', '-c', 'echo $SAYS'];
  };
  const one = injected(t, files, { devices: ['vendor.com/class=x'] }, change);
  assert.equal(one.run().stdout, 'second\n');
  const two = injected(t, files, { devices: ['vendor.com/class=y'] }, change);
  assert.match(
    two.run().stderr,
    /plugin inject: adjust: vendor\.com\/class=y: both \S+second\/b\.json and \S+c\.json have it$/m,
  );
});

const node = (node: object) => cdi([{ name: 'x', containerEdits: { deviceNodes: [node] } }]);

const mistakes: [what: string, content: unknown, expected: string][] = [
  ['a device that is not there', cdi([{ name: 'y', ...says('') }]), 'class=x: no such device in '],
  ['no JSON', '{', 'x.json: Expected property name'],
  ['an old version', cdi([], { cdiVersion: '0.2.0' }), 'x.json: cdiVersion: expected one of 0.3.0'],
  ['a kind without a class', cdi([], { kind: 'vendor' }), 'x.json: kind: expected vendor/class'],
  ['no devices', cdi([]), 'x.json: devices: expected at least one device, found []'],
  ['an unknown field', cdi([], { device: [] }), 'x.json: device: expected one of cdiVersion, kind'],
  [
    'a name twice',
    cdi([
      { name: 'x', ...says('') },
      { name: 'x', ...says('') },
    ]),
    'x.json: devices[1].name: expected each name only once, found "x"',
  ],
  [
    'edits of nothing',
    cdi([{ name: 'x', containerEdits: {} }]),
    'devices[0].containerEdits: expected at least one edit, found {}',
  ],
  [
    'a field of a later version',
    cdi([{ name: 'x', containerEdits: { additionalGids: [5] } }], { cdiVersion: 'v0.6.0' }),
    'devices[0].containerEdits.additionalGids: needs cdiVersion 0.7.0, but this file has 0.6.0',
  ],
  [
    'a variable without a value',
    cdi([{ name: 'x', containerEdits: { env: ['X'] } }]),
    'containerEdits.env[0]: expected NAME=value, found "X"',
  ],
  [
    'a hook that there is not',
    cdi([{ name: 'x', containerEdits: { hooks: [{ hookName: 'poststrat', path: '/x' }] } }]),
    'containerEdits.hooks[0].hookName: expected one of prestart, createRuntime',
  ],
  [
    'a device type that there is not',
    node({ path: '/dev/x', type: 'x' }),
    'containerEdits.deviceNodes[0].type: expected b, c, u or p, found "x"',
  ],
  [
    'a device that the host has not',
    node({ path: '/dev/absent' }),
    'vendor.com/class=x: DIR/first/x.json: devices[0].containerEdits.deviceNodes[0]: /dev/absent on the host: ENOENT',
  ],
  [
    'another type than on the host',
    node({ path: '/dev/null', type: 'b' }),
    'deviceNodes[0].type: expected c, as /dev/null is on the host, found "b"',
  ],
  [
    'a mount of what the host has not',
    cdi([
      {
        name: 'x',
        containerEdits: {
          mounts: [{ hostPath: '/absent', containerPath: '/x', options: ['bind'] }],
        },
      },
    ]),
    'vendor.com/class=x: DIR/first/x.json: devices[0].containerEdits.mounts[0].hostPath: /absent does not exist on the host',
  ],
];

for (const [what, content, expected] of mistakes) {
  test(`refused: ${what}`, options, (t) => {
    const files = { 'first/x.json': content };
    const { bundle, run } = injected(t, files, { devices: ['vendor.com/class=x'] });
    const { status, stderr } = run();
    assert.ok(stderr.includes(expected.replace('DIR', bundle.dir)), stderr);
    assert.ok(stderr.includes('adjustConfig: plugin inject: adjust: '), stderr);
    assert.equal(status, 1);
  });
}

test('refused: invalid device names, and files that other users may write to', options, (t) => {
  const annotated = injected(t, {}, {}, (spec) => {
    spec.annotations = { 'cdi.k8s.io/x': 'vendor.com/class=a,/dev/b' };
  });
  assert.match(
    annotated.run().stderr,
    /annotations\["cdi\.k8s\.io\/x"\]: expected vendor\/class=name, found "\/dev\/b"/,
  );
  const listed = injected(t, {}, { devices: ['a=b'] });
  assert.match(
    listed.run().stderr,
    /options: devices\[0\]: expected vendor\/class=name, found "a=b"/,
  );
  const device = { devices: ['vendor.com/class=x'] };
  const open = injected(t, { 'first/x.json': cdi([{ name: 'x', ...says('') }]) }, device);
  chmodSync(join(open.bundle.dir, 'first/x.json'), 0o666);
  assert.match(open.run().stderr, /x\.json: is writable for users other than its owner/);
});
