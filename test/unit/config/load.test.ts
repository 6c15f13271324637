import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { loadSpec, parseProcess, parseSpec } from '../../../src/config/load.ts';
import { processShape } from '../../../src/config/validate/process.ts';
import { specShape } from '../../../src/config/validate/spec.ts';

let bundle: string;
before(() => {
  bundle = mkdtempSync(join(tmpdir(), 'davit-load-'));
});
after(() => rmSync(bundle, { recursive: true }));

const write = (text: string) => writeFileSync(join(bundle, 'config.json'), text);

test("a missing config.json is reported in runc's words", () => {
  rmSync(join(bundle, 'config.json'), { force: true });
  assert.throws(() => loadSpec(bundle), {
    message: 'JSON specification file config.json not found',
  });
});

test('a missing bundle is reported by the path of its directory', () => {
  const message = `chdir ${bundle}/none: no such file or directory`;
  assert.throws(() => loadSpec(join(bundle, 'none')), { message });
});

test('malformed JSON is reported in one line, with file, line and column', () => {
  write('{\n  "ociVersion": "1.3.0",\n  "root": {"path": "rootfs",}\n}\n');
  const message = `${bundle}/config.json:3:29: not JSON: expected a property name in double quotes, found "}"`;
  assert.throws(() => loadSpec(bundle), { message });
});

test('an empty config.json is reported', () => {
  write('');
  const message = `${bundle}/config.json:1:1: not JSON: expected a value, found the end of the file`;
  assert.throws(() => loadSpec(bundle), { message });
});

test('nulls are dropped and user has a default, as in Go', () => {
  write('{"root": null, "process": {"args": ["sh", null], "user": {"gid": 5, "umask": null}}}');
  assert.deepEqual(loadSpec(bundle), {
    process: { args: ['sh', null], user: { uid: 0, gid: 5 } },
  });
  assert.deepEqual(parseProcess('{"Cwd": "/"}', 'process.json', processShape), {
    cwd: '/',
    user: { uid: 0, gid: 0 },
  });
});

test('an empty seccomp, and swappiness -1 as a uint64, count as unset', () => {
  write(
    '{"linux": {"seccomp": {"syscalls": []}, "resources": {"memory": {"swappiness": 18446744073709551615}}}}',
  );
  assert.deepEqual(loadSpec(bundle), { linux: { resources: { memory: {} } } });
});

test('a value that is no object is refused', () => {
  for (const text of ['null', '[1]', '7']) {
    write(text);
    assert.throws(() => loadSpec(bundle), /config\.json: \$: .*: expected an object$/);
  }
});

test('keys in another case are accepted, as in Go', () => {
  const text = JSON.stringify({
    OCIVersion: '1.0.2',
    Process: { User: { UID: 7 }, Args: ['true'], args: ['false'], CWD: '/', cwD: '/tmp' },
    annotations: { Process: 'a', process: 'b' },
    linux: {
      Resources: {
        HugepageLimits: [{ pagesize: '2MB', Limit: 1 }],
        Unified: { 'Memory.max': '1' },
      },
    },
  });
  assert.deepEqual(parseSpec(text, 'config.json', specShape), {
    ociVersion: '1.0.2',
    // A key in the right case counts. Keys that could mean the same field are not changed.
    process: { user: { uid: 7, gid: 0 }, Args: ['true'], args: ['false'], CWD: '/', cwD: '/tmp' },
    annotations: { Process: 'a', process: 'b' },
    linux: {
      resources: {
        hugepageLimits: [{ pageSize: '2MB', limit: 1 }],
        unified: { 'Memory.max': '1' },
      },
    },
  });
});
