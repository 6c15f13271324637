import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { type Bundle, makeBundle, needsRoot, type RuntimeName } from '../../support/bundle.ts';
import { type Damage, damages, LARGE_VALUES } from '../../support/damage.ts';
import { whatIsLeft } from '../../support/run/leftovers.ts';

const configOf = (bundle: Bundle): object =>
  JSON.parse(readFileSync(join(bundle.dir, 'config.json'), 'utf8'));

const writeConfig = (bundle: Bundle, text: string): void =>
  writeFileSync(join(bundle.dir, 'config.json'), text);

/** `create` succeeds, or prints one message and leaves nothing. */
function check(bundle: Bundle, { at, what, text }: Damage): void {
  const place = `${at.join('.')}: ${what}`;
  writeConfig(bundle, text);
  const { status, stdout, stderr } = bundle.create();
  assert.equal(stdout, '', place);
  if (status === 0) {
    assert.equal(bundle.runtime('delete', '--force', bundle.id).status, 0, place);
    return;
  }
  assert.equal(status, 1, `${place}: ${stderr}`);
  assert.match(stderr, /^(time=.*\n)*davit: create \S+: .+\n/, place);
  assert.doesNotMatch(stderr, /(Type|Range|Reference)Error|^ {4}at /m, place);
  assert.ok(!existsSync(join(bundle.root, bundle.id)), place);
}

suite('`create` of a config.json damaged in one field', { skip: needsRoot }, () => {
  test('a sample of all kinds of damage', (t) => {
    const bundle = makeBundle(t);
    for (const damage of [...damages(configOf(bundle), undefined, 3)].filter(
      (_, i) => i % 41 === 0,
    ))
      check(bundle, damage);
    assert.deepEqual(whatIsLeft(bundle.id), []);
  });

  test('very large values, in unknown and in known fields', (t) => {
    const bundle = makeBundle(t);
    const config = { ...configOf(bundle), unknown: 0 };
    for (const damage of damages(config, LARGE_VALUES)) {
      if (['unknown', 'process', 'mounts'].includes(damage.at.join('.'))) check(bundle, damage);
    }
    assert.deepEqual(whatIsLeft(bundle.id), []);
  });
});

/** Go's zero values. Callers write them for fields that are not set. */
const UNSET = {
  hostname: '',
  domainname: '',
  hooks: null,
  annotations: null,
  process: {
    ...{ terminal: null, consoleSize: null, capabilities: null, rlimits: null },
    ...{ noNewPrivileges: null, apparmorProfile: '', oomScoreAdj: null, scheduler: null },
    ...{ selinuxLabel: '', ioPriority: null, execCPUAffinity: null },
    ...{ user: { uid: 0, gid: 0, umask: null, additionalGids: null, username: '' } },
  },
  linux: {
    ...{ uidMappings: null, gidMappings: null, sysctl: null, devices: null, netDevices: null },
    ...{ cgroupsPath: '', seccomp: null, rootfsPropagation: '', maskedPaths: null },
    ...{ readonlyPaths: null, mountLabel: '', intelRdt: null, personality: null },
    ...{ memoryPolicy: null, timeOffsets: null },
    resources: {
      ...{ memory: null, cpu: null, pids: null, blockIO: null, hugepageLimits: null },
      ...{ network: null, rdma: null, unified: null, devices: null },
    },
  },
};

for (const runtime of ['davit', 'runc'] satisfies RuntimeName[]) {
  test(`${runtime} takes null and empty for unset fields`, { skip: needsRoot }, (t) => {
    const bundle = makeBundle(t, { runtime });
    bundle.configure((spec) => {
      spec.process.args = ['true'];
      const { args, env, cwd } = spec.process;
      const { namespaces } = spec.linux;
      Object.assign(spec, UNSET, {
        process: { args, env, cwd, ...UNSET.process },
        linux: { namespaces: namespaces.map(({ type }) => ({ type, path: '' })), ...UNSET.linux },
        mounts: spec.mounts.map((mount) => ({ ...mount, uidMappings: null, gidMappings: null })),
      });
    });
    const { status, stderr } = bundle.run();
    assert.equal(status, 0, stderr);
  });
}
