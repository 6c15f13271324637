import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { NODE_FLAGS } from '../../../src/node-flags.ts';
import { type Bundle, makeBundle, needsRoot, type TestSpec } from '../../support/bundle.ts';
import { runCommand } from '../../support/command.ts';
import type { Outcome } from './fail-stages.ts';

const PROGRAM = join(import.meta.dirname, 'fail-stages.ts');

/** Configures as many stages as possible, so that each could leave something behind. */
function useAllStages(spec: TestSpec): void {
  const hook = [{ path: '/bin/true' }];
  // 19 is at least the nice value of these tests: lowering it would need privileges.
  spec.process.scheduler = { policy: 'SCHED_BATCH', nice: 19 };
  spec.process.ioPriority = { class: 'IOPRIO_CLASS_BE', priority: 5 };
  spec.domainname = 'example.org';
  spec.linux.sysctl = { 'net.ipv4.ip_forward': '1' };
  spec.linux.rootfsPropagation = 'private';
  spec.linux.personality = { domain: 'LINUX' };
  spec.linux.seccomp = { defaultAction: 'SCMP_ACT_ALLOW' };
  spec.linux.resources = { memory: { limit: 64 << 20 }, pids: { limit: 50 } };
  // With a time namespace, init is forked and does not share the runtime's memory.
  spec.linux.namespaces.push({ type: 'cgroup' }, { type: 'user' }, { type: 'time' });
  spec.linux.uidMappings = [{ containerID: 0, hostID: 100_000, size: 1000 }];
  spec.linux.gidMappings = [{ containerID: 0, hostID: 100_000, size: 1000 }];
  spec.annotations = { 'run.oci.hooks.stdout': '/dev/null' };
  // No startContainer hook: it walks the stages of exec, which the test breaks as well.
  spec.hooks = {
    ...{ prestart: hook, createRuntime: hook, createContainer: hook },
    ...{ poststart: hook, poststop: hook },
  };
}

/** Without a time namespace, init shares the runtime's memory. */
function useAllOfShared(spec: TestSpec): void {
  useAllStages(spec);
  spec.linux.namespaces = spec.linux.namespaces.filter(({ type }) => type !== 'time');
}

/**
 * init enters a pid namespace last: the test's own. Root of a user namespace could not mount its
 * procfs.
 */
function joinPidNamespace(spec: TestSpec): void {
  useAllStages(spec);
  const { linux } = spec;
  linux.namespaces = linux.namespaces.filter(({ type }) => type !== 'user');
  delete linux.uidMappings;
  delete linux.gidMappings;
  linux.namespaces.find(({ type }) => type === 'pid')!.path = '/proc/self/ns/pid';
  delete spec.hooks!.createContainer;
}

function outcomesOf(bundle: Bundle, command: string, ...shared: string[]): Outcome[] {
  const request = {
    ...{ root: bundle.root, id: bundle.id, bundle: bundle.dir, pidFile: join(bundle.dir, 'pid') },
    ...{ noPivot: false, noNewKeyring: false, preserveFds: 0 },
    ...{ cgroupManager: 'cgroupfs', rootless: false },
  };
  const { status, stdout, stderr } = runCommand(
    process.execPath,
    [...NODE_FLAGS, PROGRAM, command, JSON.stringify(request), ...shared],
    { env: { DAVIT_TRACE_DIR: bundle.traces }, timeout: 50_000 },
  );
  assert.equal(status, 0, stderr);
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
}

/** Nothing may be left, except a container that an earlier `create` made. */
function expectClean(bundle: Bundle, { left, fds, children }: Outcome): void {
  assert.deepEqual({ left, fds, children }, { left: [], fds: [], children: '' });
  if (existsSync(join(bundle.root, bundle.id))) assert.fail('the state directory is there');
}

const SHARED = 'with shared memory';

const attempts: [command: string, spec: (spec: TestSpec) => void, title?: string][] = [
  ['create', useAllStages],
  ['create', useAllOfShared, SHARED],
  ['create', joinPidNamespace, 'into a pid namespace of others'],
  ['run', useAllStages],
  ['run', useAllOfShared, SHARED],
  ['start', useAllStages],
  ['exec', useAllStages],
];

for (const [command, spec, title] of attempts) {
  const name = `${command}: each stage made to fail${title ? `, ${title}` : ''}`;
  const shared = title === SHARED ? [SHARED] : [];
  test(name, { skip: needsRoot }, async (t) => {
    const bundle = makeBundle(t, { args: ['sleep', '1000'], spec });
    for (const outcome of outcomesOf(bundle, command, ...shared)) {
      const { stage, way, message } = outcome;
      await t.test(`${stage} ${way}`, () => {
        assert.notEqual(message, undefined, 'nothing failed');
        // In a trampoline, a system call fails in place of a function.
        const failure = new RegExp(`^(${stage}: )?(made to fail|.*EBADF: bad file descriptor)$`);
        if (way === 'failed') assert.match(message!, failure);
        expectClean(bundle, outcome);
      });
    }
  });
}
