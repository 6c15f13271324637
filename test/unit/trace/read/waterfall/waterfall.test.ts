import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { readTraces } from '../../../../../src/trace/read/read-traces.ts';
import type { TerminalFeatures } from '../../../../../src/trace/read/text/canvas.ts';
import { renderWaterfall } from '../../../../../src/trace/read/waterfall/waterfall.ts';
import { appendTrace } from '../../../../../src/trace/store/store.ts';
import { CREATE_AND_START, recordLife, type SampleCommand } from '../../sample-trace.ts';

const PLAIN: TerminalFeatures = { width: 100, color: false, unicode: true };

function render(t: TestContext, commands: SampleCommand[], options = PLAIN): string {
  const path = mkdtempSync(join(tmpdir(), 'davit-traces-'));
  t.after(() => rmSync(path, { recursive: true }));
  for (const trace of recordLife('web1', commands)) appendTrace(path, 'web1', trace);
  return renderWaterfall(readTraces(path, 'web1').at(-1)!, options);
}

const line = (text: string, name: string) =>
  text.split('\n').find((line) => line.includes(`${name} `)) ?? assert.fail(`no line of ${name}`);

const FAILED: SampleCommand = {
  command: 'create',
  from: 0,
  to: 10_000,
  error: { message: 'mounts: mounts[2]: mount proc: EPERM' },
  stages: [
    {
      name: 'mounts',
      from: 1_000,
      to: 9_000,
      side: 'container',
      error: { message: 'mount proc: EPERM', configPath: 'mounts[2]', code: 'EPERM' },
    },
  ],
};

test('each stage is a line with side, place, duration and share', (t) => {
  const text = render(t, CREATE_AND_START);
  assert.match(text, /^container web1 · trace [0-9a-f]{32} · \d{4}-\d\d-\d\d /);
  assert.match(line(text, 'davit create'), /0──.* ms─* +31\.2 ms$/);
  assert.match(
    line(text, 'prepareRootfs'),
    /^├─ prepareRootfs +container +▐?█+▌? +3\.95 ms +12\.7%$/,
  );
  assert.match(line(text, 'hook createRuntime[1]'), /^│ {2}└─ hook/);
  assert.match(line(text, 'saveState'), /^└─ saveState/);
  for (const line of text.split('\n')) assert.ok(line.length <= 100, line);
});

test('each command’s longest stage is marked, and the stages’ coverage is shown', (t) => {
  const text = render(t, CREATE_AND_START);
  assert.equal(text.match(/% ◀$/gm)?.length, 2);
  assert.match(line(text, 'startNode'), /◀$/);
  assert.match(text, /stages cover 98\.8% of 31\.2 ms · critical ◀ startNode/);
});

test('the pause between two commands is one line', (t) => {
  assert.match(render(t, CREATE_AND_START), /\n\n… 2\.30 s until davit start\n\n/);
  const overlapping = { command: 'exec', from: 20_000, to: 50_000, stages: [] };
  assert.match(
    render(t, [CREATE_AND_START[0]!, overlapping]),
    /… (?:19\.9|20\.\d) ms into davit create: davit exec/,
  );
});

test('waiting for the program counts neither on the axis nor in the shares', (t) => {
  const text = render(t, [
    {
      command: 'run',
      from: 0,
      to: 5_010_000,
      stages: [
        { name: 'forkInit', from: 0, to: 8_000 },
        { name: 'waitForExit', from: 8_000, to: 5_008_000, wait: true },
        { name: 'destroyCgroup', from: 5_008_000, to: 5_010_000 },
      ],
    },
  ]);
  assert.match(line(text, 'davit run'), / 10\.0 ms$/);
  assert.match(line(text, 'forkInit'), /8\.00 ms +80\.0% ◀$/);
  assert.match(line(text, 'waitForExit'), /… not counted +5\.00 s$/);
  assert.match(line(text, 'destroyCgroup'), /█ +2\.00 ms +20\.0%$/);
  assert.match(text, /stages cover 100\.0% of 10\.0 ms/);
});

test('a failure is marked, and shown once with its field', (t) => {
  const text = render(t, [FAILED]);
  assert.match(line(text, 'davit create'), /✗$/);
  assert.match(line(text, 'mounts'), /80\.0% ✗$/);
  assert.equal(text.match(/EPERM/g)?.length, 1);
  assert.match(text, /✗ mounts\[2\]: mount proc: EPERM/);
});

test('colour: failures are red; without colour there is none', (t) => {
  const text = render(t, [FAILED], { ...PLAIN, color: true });
  const red = text.split('\n').filter((line) => line.includes('\x1b[31m'));
  assert.equal(red.length, 3);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: SGR is what is looked for
  assert.doesNotMatch(render(t, [FAILED]), /\x1b/);
});

test('colour: hooks have their own colour', (t) => {
  const text = render(t, CREATE_AND_START, { ...PLAIN, color: true });
  const magenta = text.split('\n').filter((line) => line.includes('\x1b[35m'));
  assert.equal(magenta.length, 2);
  assert.ok(magenta.every((line) => line.includes('hook createRuntime[')));
});

test('a narrow terminal without UTF-8 gets short names and ASCII', (t) => {
  const long = { name: 'n'.repeat(300), from: 0, to: 5_000 };
  const text = render(t, [{ ...FAILED, stages: [long, ...FAILED.stages] }], {
    width: 50,
    color: false,
    unicode: false,
  });
  assert.match(text, /nnn\.\.\. /);
  assert.match(text, /[\x20-\x7e\n]+/);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: everything beyond ASCII
  assert.doesNotMatch(text, /[^\x00-\x7f]/);
  for (const line of text.split('\n').slice(1)) assert.ok(line.length <= 50, line);
});

test('with 40 columns, names of stages are not cut', (t) => {
  const stages = ['validateConfig', 'resetCpuAffinity', 'dropCapabilities'].map((name, i) => ({
    ...{ name, from: i * 1000, to: (i + 1) * 1000 },
  }));
  const text = render(t, [{ ...FAILED, stages }], { width: 40, color: false, unicode: true });
  for (const { name } of stages) assert.match(text, new RegExp(`\\b${name} `));
  for (const line of text.split('\n').slice(1)) assert.ok(line.length <= 40, line);
});

test('a container’s text cannot contain control sequences', (t) => {
  const text = render(t, [
    { ...FAILED, error: { message: 'hook said: \x1b]0;owned\x07\nsecond' } },
  ]);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they must not be there
  assert.doesNotMatch(text, /[\x00-\x09\x0b-\x1f]/);
  assert.match(text, /✗ hook said: .*owned.*\n {2}second/);
});

test('the durations of all commands come first', (t) => {
  assert.equal(render(t, CREATE_AND_START).split('\n')[1], 'create 31.2 ms · start 20.8 ms');
});

test('many commands of one name are folded, except failed ones', (t) => {
  const exec = { ...CREATE_AND_START[1]!, command: 'exec', stages: [] };
  const execs = Array.from({ length: 6 }, (_, n) => ({
    ...exec,
    from: 30_000 + n * 1_000_000,
    to: 30_000 + n * 1_000_000 + 1_000 * (n + 1),
    error: n === 4 ? new Error('probe failed') : undefined,
  }));
  const text = render(t, [CREATE_AND_START[0]!, ...execs]);
  assert.match(text, /create 31\.2 ms · exec \(6\) 21\.0 ms/);
  assert.match(text, /… 3 more davit exec, 4\.00 ms at most/);
  assert.match(text, /✗ probe failed/);
  assert.equal(text.match(/^davit exec/gm)?.length, 2);
});
