import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const CHILD = fileURLToPath(new URL('rootless-child.ts', import.meta.url));
const NOBODY = 65534;

interface Outcome {
  left?: number;
  own?: number;
  before?: number;
  message?: string;
  configPath?: string;
}

function asNobody(request: object): Outcome {
  const argument = JSON.stringify({ rootless: true, resources: {}, ...request });
  const options = { encoding: 'utf8', uid: NOBODY, gid: NOBODY } as const;
  return JSON.parse(execFileSync(process.execPath, [CHILD, argument], options));
}

test('a rootless container without cgroup settings runs without its own cgroup', () => {
  const { left, own, before, message } = asNobody({});
  assert.equal(message, undefined);
  assert.equal(left, 0);
  // The container is then in the runtime's cgroup.
  assert.ok(before! > 0);
  assert.equal(own, before);
});

test('limits that cannot be set are an error', () => {
  const { message, configPath } = asNobody({ resources: { pids: { limit: 5 } } });
  assert.equal(message, 'cannot set pids limit: container could not join or create cgroup');
  assert.equal(configPath, 'linux.resources.pids.limit');
});

test('a cgroupsPath that cannot be created is an error', () => {
  const { message } = asNobody({ cgroupsPath: '/davit-test-rootless' });
  assert.match(
    message!,
    /^mkdir \/sys\/fs\/cgroup\/.*davit-test-rootless: EACCES: permission denied$/,
  );
});

test('a container that is not rootless must have a cgroup', () => {
  assert.match(asNobody({ rootless: false }).message!, /EACCES: permission denied$/);
});
