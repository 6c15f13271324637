import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { Log, logLine } from '../../../../src/cli/output/log.ts';

const time = new Date('2026-11-23T22:57:49.123Z');

test('text as logrus writes it', () => {
  assert.equal(
    logLine('text', { level: 'error', msg: 'exec failed: "x"\nmore' }, time),
    'time="2026-11-23T22:57:49Z" level=error msg="exec failed: \\"x\\"\\nmore"\n',
  );
  assert.equal(
    logLine('text', { level: 'debug', msg: 'a/b-c' }, time),
    'time="2026-11-23T22:57:49Z" level=debug msg=a/b-c\n',
  );
});

test('JSON as logrus writes it', () => {
  assert.equal(
    logLine('json', { level: 'error', msg: 'container does not exist' }, time),
    '{"level":"error","msg":"container does not exist","time":"2026-11-23T22:57:49Z"}\n',
  );
});

test('a log file is appended to; debug lines only where asked for', (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'davit-log-'));
  t.after(() => rmSync(directory, { recursive: true }));
  const file = join(directory, 'log.json');
  new Log({ file, format: 'json' }).debug('unseen');
  assert.equal(readFileSync(file, 'utf8'), '');
  new Log({ file, format: 'json' }).error('first');
  new Log({ file, format: 'json', level: 'debug' }).debug('second');
  const entries = readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  assert.deepEqual(
    entries.map(({ level, msg }) => [level, msg]),
    [
      ['error', 'first'],
      ['debug', 'second'],
    ],
  );
});

test('a log file that cannot be opened is an error', () => {
  assert.throws(() => new Log({ file: '/nonexistent/log' }), { code: 'ENOENT' });
});
