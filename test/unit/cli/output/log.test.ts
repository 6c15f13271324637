import assert from 'node:assert/strict';
import { mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { Log, type LogLevel, logLine } from '../../../../src/cli/output/log.ts';
import { FdOutput } from '../../../../src/cli/output/output.ts';

const time = new Date('2026-11-23T22:57:49.123Z');

test('text in logrus’s format', () => {
  assert.equal(
    logLine('text', { level: 'error', msg: 'exec failed: "x"\nmore' }, time),
    'time="2026-11-23T22:57:49Z" level=error msg="exec failed: \\"x\\"\\nmore"\n',
  );
  assert.equal(
    logLine('text', { level: 'debug', msg: 'a/b-c' }, time),
    'time="2026-11-23T22:57:49Z" level=debug msg=a/b-c\n',
  );
});

test('JSON in logrus’s format', () => {
  assert.equal(
    logLine('json', { level: 'error', msg: 'container does not exist' }, time),
    '{"level":"error","msg":"container does not exist","time":"2026-11-23T22:57:49Z"}\n',
  );
});

test('lines are appended to a log file; debug lines only with --debug', (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'davit-log-'));
  t.after(() => rmSync(directory, { recursive: true }));
  const file = join(directory, 'log.json');
  const log = (level: LogLevel) =>
    new Log({ file: openSync(file, 'a'), stderr: new FdOutput(2), format: 'json', level });
  const [warnings, everything] = [log('warning'), log('debug')];
  warnings.debug('unseen');
  assert.equal(readFileSync(file, 'utf8'), '');
  warnings.error('first');
  everything.debug('second');
  for (const one of [warnings, everything]) one.close();
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
