import assert from 'node:assert/strict';
import { test } from 'node:test';
import { errorReport } from '../../../src/errors/report.ts';
import { RuntimeError } from '../../../src/errors/runtime-error.ts';
import { FieldError, StageError } from '../../../src/errors/stage-error.ts';

test('one line has command, id and reason', () => {
  const failure = new Error('mount proc on /proc: EPERM: no');
  const error = new StageError('prepareRootfs', new FieldError('mounts[2]', failure));
  assert.equal(
    errorReport(error, 'create web1').message,
    'davit: create web1: prepareRootfs: mounts[2]: mount proc on /proc: EPERM: no',
  );
});

test('the hint comes from the error or its cause', () => {
  const error = new RuntimeError('no', 'try harder');
  assert.equal(errorReport(error, 'run c').hint, 'try harder');
  assert.equal(errorReport(new Error('outer', { cause: error }), 'run c').hint, 'try harder');
  assert.equal(errorReport(new Error('bare'), 'run c').hint, undefined);
});

test('each of several failures has its own line', () => {
  const error = new AggregateError([new Error('first'), new Error('second')]);
  assert.equal(errorReport(error, 'delete c').message, 'davit: delete c: first\n  and: second');
});

test('any value may be thrown', () => {
  assert.equal(errorReport('text', '').message, 'davit: text');
  assert.equal(errorReport(undefined, '').message, 'davit: undefined');
  assert.equal(errorReport(new TypeError(), '').message, 'davit: TypeError');
});
