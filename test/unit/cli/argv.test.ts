import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type FlagShapes, parseArgv } from '../../../src/cli/argv.ts';

const shapes: FlagShapes = {
  bundle: { type: 'option', char: 'b' },
  'pid-file': { type: 'option' },
  env: { type: 'option', char: 'e', multiple: true },
  detach: { type: 'boolean', char: 'd' },
  'no-new-privs': { type: 'boolean' },
};

/** Writes what was parsed in one spelling: `--bundle=x -- c1`. */
function canonical(args: string[], stopAfter?: number): string {
  const { flags, operands } = parseArgv(args, shapes, stopAfter);
  const given = [...flags].flatMap(([name, values]) => values.map((one) => `--${name}=${one}`));
  return [...given, '--', ...operands].join(' ');
}

test('all spellings of a flag are equal', () => {
  for (const spelling of [['--bundle', 'x'], ['-bundle', 'x'], ['--bundle=x'], ['-bundle=x']]) {
    assert.equal(canonical([...spelling, 'c1']), '--bundle=x -- c1', spelling.join(' '));
  }
  for (const spelling of [['-b', 'x'], ['-b=x'], ['--b', 'x'], ['--b=x']]) {
    assert.equal(canonical([...spelling, 'c1']), '--bundle=x -- c1', spelling.join(' '));
  }
});

test('booleans take Go’s values, and only after =', () => {
  for (const value of ['-d', '--detach', '-detach', '--detach=true', '-d=1', '--detach=T']) {
    assert.equal(canonical([value, 'c1']), '--detach=true -- c1', value);
  }
  for (const value of ['--detach=false', '-d=0', '--detach=F', '-detach=FALSE']) {
    assert.equal(canonical([value, 'c1']), '--detach=false -- c1', value);
  }
  assert.equal(canonical(['--detach', 'false']), '--detach=true -- false');
  assert.throws(
    () => parseArgv(['--detach=maybe'], shapes),
    /invalid value "maybe" for flag -detach/,
  );
});

test('--flag=false differs from an absent flag where that matters', () => {
  assert.equal(canonical(['--no-new-privs=false', 'c1']), '--no-new-privs=false -- c1');
  assert.equal(canonical(['c1']), '-- c1');
});

test('the last value of a flag counts, unless the flag is a list', () => {
  assert.equal(canonical(['-b', 'x', '--bundle=y']), '--bundle=y --');
  assert.equal(canonical(['-d', '--detach=false']), '--detach=false --');
  assert.equal(canonical(['-e', 'A=1', '--env=B=2,3']), '--env=A=1 --env=B=2,3 --');
});

test('a value may look like a flag', () => {
  assert.deepEqual(parseArgv(['--bundle='], shapes).flags.get('bundle'), ['']);
  assert.deepEqual(parseArgv(['--bundle', '--', 'c1'], shapes).flags.get('bundle'), ['--']);
  assert.deepEqual(parseArgv(['-e', '-x'], shapes).flags.get('env'), ['-x']);
});

test('flags may follow operands', () => {
  assert.equal(canonical(['c1', '--bundle', 'x']), '--bundle=x -- c1');
});

test('flags end after the given number of operands', () => {
  assert.equal(canonical(['-d', 'c1', 'sh', '-c', 'x', '-d'], 1), '--detach=true -- c1 sh -c x -d');
  assert.equal(canonical(['c1', '-d'], 1), '-- c1 -d');
});

test('-- ends the flags, and is dropped once', () => {
  assert.equal(canonical(['c1', '--', '-d'], 1), '-- c1 -d');
  assert.equal(canonical(['c1', '--', '--', '-d'], 1), '-- c1 -- -d');
  assert.equal(canonical(['c1', 'sh', '--', '-d'], 1), '-- c1 sh -- -d');
  assert.equal(canonical(['--', '--bundle']), '-- --bundle');
});

test('neither - nor a negative number is a flag', () => {
  assert.equal(canonical(['-', 'c1']), '-- - c1');
  assert.equal(canonical(['-9', '-d']), '-- -9 -d');
});

test('an unknown flag is an error in runc’s words', () => {
  const cases: [string[], string][] = [
    [['--nope'], 'flag provided but not defined: --nope'],
    [['-nope=1'], 'flag provided but not defined: -nope'],
    [['-de'], 'flag provided but not defined: -de'],
    [['--bundle'], 'flag needs an argument: --bundle'],
    [['--hasOwnProperty'], 'flag provided but not defined: --hasOwnProperty'],
  ];
  for (const [args, message] of cases) {
    assert.throws(() => parseArgv(args, shapes), { message, name: 'UsageError' });
  }
});
