import assert from 'node:assert/strict';
import { mkdtempSync, openSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { CAPABILITIES } from '../../../src/config/names/capabilities.ts';
import type { Process } from '../../../src/config/types.ts';
import { needsRoot } from '../../support/bundle.ts';
import { linesOf, runChild, statusFields } from '../process/child.ts';

const asRoot = { skip: needsRoot };

const user = { uid: 1000, gid: 1001, additionalGids: [7, 8] };

/**
 * Prints the capabilities of a process after dropCapabilities, and after it has executed `next`.
 */
function dropped(program: Partial<Process>, { next = '', before = '' } = {}): string {
  const process = { user, cwd: '/', env: [], ...program };
  return `
    import { readFileSync } from 'node:fs';
    import { dropCapabilities } from './src/stages/process/drop-capabilities.ts';
    import { openPrivateProcfs } from './src/rootfs/procfs.ts';
    import { buildTrampoline } from './src/init/trampoline/build-trampoline.ts';
    import { execTrampoline } from './src/init/trampoline/exec-trampoline.ts';
    import { inheritFds } from './src/init/trampoline/inherit-fds.ts';
    ${before}
    const ctx = { spec: {}, process: ${JSON.stringify(process)}, procfs: openPrivateProcfs() };
    dropCapabilities(ctx);
    ${next || "console.log(readFileSync('/proc/thread-self/status', 'utf8').trim());"}`;
}

const EXEC = `
  inheritFds({ procfs: ctx.procfs, preserveFds: 0 });
  execTrampoline(buildTrampoline({ calls: [], reportFd: 2,
    exec: { path: '/bin/cat', argv: ['cat', '/proc/self/status'], env: ctx.environment } }));`;

const statusOf = (program: Partial<Process>, options = {}) =>
  statusFields(linesOf(dropped(program, options)));

const hex = (...names: (typeof CAPABILITIES)[number][]): string =>
  names
    .reduce((bits, name) => bits | (1n << BigInt(CAPABILITIES.indexOf(name))), 0n)
    .toString(16)
    .padStart(16, '0');

const NONE = hex();

test('user, groups and umask', asRoot, () => {
  const status = statusOf({ user: { ...user, umask: 0o27 } });
  assert.equal(status.Uid, '1000\t1000\t1000\t1000');
  assert.equal(status.Gid, '1001\t1001\t1001\t1001');
  assert.equal(status.Groups?.trim(), '7 8');
  assert.equal(status.Umask, '0027');
  assert.equal(statusOf({}).Umask, '0022');
  assert.equal(statusOf({ user: { uid: 0, gid: 0 } }).Groups?.trim(), '');
});

test('all five sets, for a user other than root', asRoot, () => {
  const capabilities = {
    bounding: ['CAP_KILL', 'CAP_CHOWN', 'CAP_SYS_ADMIN'],
    permitted: ['CAP_KILL', 'CAP_CHOWN'],
    effective: ['CAP_KILL'],
    inheritable: ['CAP_CHOWN'],
    ambient: ['CAP_CHOWN'],
  };
  const status = statusOf({ capabilities });
  assert.equal(status.CapBnd, hex('CAP_KILL', 'CAP_CHOWN', 'CAP_SYS_ADMIN'));
  assert.equal(status.CapPrm, hex('CAP_KILL', 'CAP_CHOWN'));
  assert.equal(status.CapEff, hex('CAP_KILL'));
  assert.equal(status.CapInh, hex('CAP_CHOWN'));
  assert.equal(status.CapAmb, hex('CAP_CHOWN'));
  // The result of capabilities(7)'s rules after two execs: the trampoline's and the program's.
  const program = statusOf({ capabilities }, { next: EXEC });
  assert.equal(program.CapPrm, hex('CAP_CHOWN'));
  assert.equal(program.CapEff, hex('CAP_CHOWN'));
  assert.equal(program.CapAmb, hex('CAP_CHOWN'));
  assert.equal(program.CapBnd, status.CapBnd);
  assert.equal(program.Uid, '1000\t1000\t1000\t1000');
});

test('across exec, root keeps the capabilities of the bounding set', asRoot, () => {
  const sets = ['CAP_KILL', 'CAP_NET_BIND_SERVICE'];
  const program = statusOf(
    {
      user: { uid: 0, gid: 0 },
      capabilities: { bounding: sets, permitted: sets, effective: sets },
    },
    { next: EXEC },
  );
  for (const set of ['CapBnd', 'CapPrm', 'CapEff']) {
    assert.equal(program[set], hex('CAP_KILL', 'CAP_NET_BIND_SERVICE'), set);
  }
  assert.equal(program.CapInh, NONE);
});

test('no capabilities, and absent sets', asRoot, () => {
  const status = statusOf({ user: { uid: 0, gid: 0 }, capabilities: {} });
  for (const set of ['CapBnd', 'CapPrm', 'CapEff', 'CapInh', 'CapAmb']) {
    assert.equal(status[set], NONE, set);
  }
});

test('without process.capabilities root keeps its own', asRoot, () => {
  const before = statusFields(
    linesOf(
      "const { readFileSync } = await import('node:fs'); console.log(readFileSync('/proc/thread-self/status', 'utf8').trim())",
    ),
  );
  const status = statusOf({ user: { uid: 0, gid: 0 } });
  assert.equal(status.CapEff, before.CapEff);
  assert.equal(status.CapBnd, before.CapBnd);
});

test('unknown names are ignored; an ambient capability needs the other sets', asRoot, () => {
  const capabilities = {
    bounding: ['CAP_KILL', 'CAP_FLY'],
    permitted: ['CAP_KILL', 'cap_chown'],
    inheritable: [],
    ambient: ['CAP_KILL'],
  };
  const status = statusOf({ capabilities });
  assert.equal(status.CapBnd, hex('CAP_KILL'));
  assert.equal(status.CapAmb, NONE);
});

test('capabilities that davit or another set lacks are not granted', asRoot, () => {
  const asked = ['CAP_KILL', 'CAP_CHOWN'];
  const capabilities = { bounding: asked, effective: asked, permitted: asked, inheritable: asked };
  const wrapper = ['setpriv', '--bounding-set', '-chown', '--inh-caps', '-all'];
  const source = dropped({ capabilities });
  const status = statusFields(runChild(source, { wrapper }).stdout.split('\n'));
  for (const set of ['CapEff', 'CapPrm', 'CapInh', 'CapBnd']) {
    assert.equal(status[set], hex('CAP_KILL'), set);
  }
  const less = statusOf({ capabilities: { effective: asked, permitted: ['CAP_KILL'] } });
  assert.equal(less.CapEff, hex('CAP_KILL'));
});

test('a file that is stdio keeps its owner, and so does /dev/null', asRoot, () => {
  const directory = mkdtempSync(join(tmpdir(), 'davit-stdio-'));
  try {
    const file = join(directory, 'out');
    const fd = openSync(file, 'w');
    const wrapper = ['sh', '-c', 'exec "$@" </dev/null 2>/dev/null 1>&3', 'sh'];
    const { status } = runChild(dropped({}), { wrapper, extraStdio: [fd] });
    assert.equal(status, 0);
    assert.equal(statSync(file).uid, 0);
    // Not compared with uid 0: a crun of another test may change the owner of /dev/null.
    assert.notEqual(statSync('/dev/null').uid, 1000);
  } finally {
    rmSync(directory, { recursive: true });
  }
});

test('ids that the user namespace does not map are an error', () => {
  const source = dropped({ user: { uid: 5, gid: 0 } }, { next: 'console.log("no error");' });
  const wrapper = ['unshare', '--user', '--map-root-user'];
  const { stderr } = runChild(source, { wrapper });
  assert.match(stderr, /cannot setuid to unmapped uid 5 in user namespace/);
  const group = runChild(dropped({ user: { uid: 0, gid: 9 } }), { wrapper });
  assert.match(group.stderr, /cannot setgid to unmapped gid 9 in user namespace/);
});

test('setgroups that is denied in the user namespace is no error', () => {
  const wrapper = ['unshare', '--user', '--map-root-user'];
  const source = dropped({ user: { uid: 0, gid: 0, additionalGids: [0] } });
  const { status, stderr } = runChild(source, { wrapper });
  assert.equal(status, 0, stderr);
});
