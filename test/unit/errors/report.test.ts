import assert from 'node:assert/strict';
import { test } from 'node:test';
import { errorReport } from '../../../src/errors/report.ts';
import { RuntimeError } from '../../../src/errors/runtime-error.ts';
import { FieldError, StageError } from '../../../src/errors/stage-error.ts';

test('one line: who, what, why', () => {
  const failure = new Error('mount proc on /proc: EPERM: no');
  const error = new StageError('prepareRootfs', new FieldError('mounts[2]', failure));
  assert.equal(
    errorReport(error, 'create web1').message,
    'davit: create web1: prepareRootfs: mounts[2]: mount proc on /proc: EPERM: no',
  );
});

test('the hint of an error, or of its cause', () => {
  const error = new RuntimeError('no', 'try harder');
  assert.equal(errorReport(error, 'run c').hint, 'try harder');
  assert.equal(errorReport(new Error('outer', { cause: error }), 'run c').hint, 'try harder');
  assert.equal(errorReport(new Error('bare'), 'run c').hint, undefined);
});

test('several failures, each on its line', () => {
  const error = new AggregateError([new Error('first'), new Error('second')]);
  assert.equal(errorReport(error, 'delete c').message, 'davit: delete c: first\n  and: second');
});

test('anything may be thrown', () => {
  assert.equal(errorReport('text', '').message, 'davit: text');
  assert.equal(errorReport(undefined, '').message, 'davit: undefined');
  assert.equal(errorReport(new TypeError(), '').message, 'davit: TypeError');
});
