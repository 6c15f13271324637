import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseSpec } from '../../../../src/config/load.ts';
import { translateIdmapOptions } from '../../../../src/config/mounts/idmap-option.ts';
import type { Linux, Mount } from '../../../../src/config/types.ts';
import { validateSpec } from '../../../../src/config/validate/spec.ts';
import { validSpec } from '../validate/valid-spec.ts';

const range = (containerID: number, hostID: number, size: number) => ({
  containerID,
  hostID,
  size,
});

const LINUX: Linux = {
  uidMappings: [range(0, 100_000, 1), range(1, 200_000, 1000)],
  gidMappings: [range(0, 100_000, 1000)],
};

/** The mount that results from the option. */
function translated(
  option: string,
  { linux = {}, mount = {} }: { linux?: Linux; mount?: object } = {},
) {
  const given = { destination: '/a', source: '/b', options: ['bind', option], ...mount };
  const spec = { linux, mounts: [structuredClone(given) as Mount] };
  translateIdmapOptions(spec);
  const { options, uidMappings, gidMappings } = spec.mounts[0]!;
  return { options, uidMappings, gidMappings };
}

test('ranges of uids and gids', () => {
  assert.deepEqual(translated('idmap=uids=0-1-10#10-11-10;gids=0-100-10'), {
    options: ['bind', 'idmap'],
    uidMappings: [range(0, 1, 10), range(10, 11, 10)],
    gidMappings: [range(0, 100, 10)],
  });
  assert.deepEqual(translated('ridmap=gids=1-2-3;uids=4-5-6').options, ['bind', 'ridmap']);
});

test('ranges relative to the user namespace: the example in crun(1)', () => {
  const linux = { uidMappings: [range(0, 0, 1), range(1, 2, 1000)], gidMappings: [range(0, 0, 9)] };
  assert.deepEqual(translated('idmap=uids=@1-3-10;gids=@2-2-1#3-3-1', { linux }), {
    options: ['bind', 'idmap'],
    uidMappings: [range(1, 4, 10)],
    gidMappings: [range(2, 2, 1), range(3, 3, 1)],
  });
});

test('without a range for uids or gids, the container’s mapping is used', () => {
  const { uidMappings, gidMappings } = translated('idmap=uids=0-0-1', { linux: LINUX });
  assert.deepEqual(
    { uidMappings, gidMappings },
    { uidMappings: [range(0, 0, 1)], gidMappings: LINUX.gidMappings },
  );
});

test('idmap= without a value equals idmap, and the mount’s own mappings come first', () => {
  const none = { uidMappings: undefined, gidMappings: undefined };
  assert.deepEqual(translated('idmap='), { options: ['bind', 'idmap'], ...none });
  const own = { uidMappings: [range(1, 1, 1)], gidMappings: [range(2, 2, 2)] };
  const found = translated('idmap=uids=0-0-1;gids=0-0-1', { mount: own });
  assert.deepEqual(found, { options: ['bind', 'idmap'], ...own });
});

for (const option of [
  'idmap=uids=0-1000',
  'idmap=0-1000-1',
  'idmap=uids=0-1000-1;pids=0-0-1',
  'idmap=uids=0-1000-1#',
  'ridmap=uids=a-b-c;gids=0-0-1',
  'idmap=uids=@0-5000-1;gids=0-0-1',
  'idmap=constructor=0-0-1',
]) {
  test(`refused with its path: ${option}`, () => {
    assert.deepEqual(translated(option, { linux: LINUX }).options, ['bind', option]);
    const spec = validSpec();
    spec.mounts.push({ destination: '/a', source: '/b', options: ['bind', option] });
    const [problem, ...more] = validateSpec(parseSpec(JSON.stringify(spec)));
    assert.deepEqual([problem?.path, problem?.value], ['mounts[7].options[1]', option]);
    assert.match(problem!.expected, /such as idmap=uids=/);
    assert.deepEqual(more, []);
  });
}

test('overlapping ranges are reported as mappings', () => {
  const spec = validSpec();
  const options = ['bind', 'idmap=uids=0-1000-2#1-3000-1;gids=0-0-1'];
  spec.mounts.push({ destination: '/a', source: '/b', options });
  const [problem] = validateSpec(parseSpec(JSON.stringify(spec)));
  assert.equal(problem?.path, 'mounts[7].uidMappings[1].containerID');
});

test('a value that is no configuration is not changed', () => {
  for (const spec of [
    null,
    [],
    { mounts: {} },
    { mounts: [null, { options: 'idmap=' }, { options: [1] }] },
  ]) {
    const before = structuredClone(spec);
    translateIdmapOptions(spec);
    assert.deepEqual(spec, before);
  }
});
