import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { suite, test } from 'node:test';
import { LifecycleBus } from '../../../../src/bus/bus.ts';
import { checkHost } from '../../../../src/config/host/check-host.ts';
import { stringifyJson } from '../../../../src/config/json.ts';
import { parseSpec } from '../../../../src/config/load.ts';
import { validateSpec } from '../../../../src/config/validate/spec.ts';
import { specWarnings } from '../../../../src/config/warnings/spec-warnings.ts';
import type { Launch } from '../../../../src/context/launch.ts';
import { ConfigError } from '../../../../src/errors/config-error.ts';
import { RuntimeError } from '../../../../src/errors/runtime-error.ts';
import { ThisProcess } from '../../../../src/init/parent/this-process.ts';
import { lifecycle } from '../../../../src/lifecycle/stages.ts';
import { fieldPaths } from '../../../../tools/docs/fields-table.ts';
import { damages, LARGE_VALUES, VALUES } from '../../../support/damage.ts';

const fixture = (name: string): object =>
  JSON.parse(readFileSync(`test/fixtures/specs/${name}.json`, 'utf8'));

/** Loads and validates a config.json as davit does. Returns the problems. */
function read(text: string): ConfigError | undefined {
  const spec = parseSpec(text);
  const problems = validateSpec(spec);
  if (problems.length > 0) return new ConfigError(problems);
  checkHost(spec, tmpdir());
  specWarnings(spec);
  const launch = {
    ...{ spec, options: {}, bus: new LifecycleBus(), initParent: new ThisProcess({}) },
    container: { status: 'running', record: {} },
  } as unknown as Launch;
  for (const stage of Object.values(lifecycle).flat()) {
    if ('applies' in stage) stage.applies(launch as never);
  }
  stringifyJson(spec);
  return undefined;
}

function check(text: string): 'accepted' | 'refused' {
  try {
    const error = read(text);
    if (!error) return 'accepted';
    for (const { path, expected } of error.problems) {
      assert.match(path, /^(\$|\w+)/);
      assert.notEqual(expected, '');
    }
    assert.ok(error.message.length < 20_000, 'a message too long to read');
    return 'refused';
  } catch (error) {
    // A text that cannot be parsed is refused with another error.
    if (error instanceof RuntimeError || error instanceof ConfigError) return 'refused';
    throw error;
  }
}

function checkAll(name: string, values = VALUES, every = 1): void {
  const outcomes = { accepted: 0, refused: 0 };
  for (const { at, what, text } of damages(fixture(name), values, every)) {
    try {
      outcomes[check(text)]++;
    } catch (error) {
      assert.fail(`${at.join('.')}: ${what}: ${(error as Error).stack}`);
    }
  }
  assert.ok(outcomes.accepted > 0 && outcomes.refused > 0, JSON.stringify(outcomes));
}

suite('a config.json damaged in any field is accepted, or refused with a path', () => {
  for (const name of ['docker', 'podman', 'everything']) {
    test(`${name}.json`, () => checkAll(name));
  }
  test('very large values', () => checkAll('everything', LARGE_VALUES, 20));
});

test('everything.json has every field, and no problem', () => {
  const spec = fixture('everything');
  assert.deepEqual(validateSpec(spec), []);
  const missing = fieldPaths().filter((path) => !has(spec, path.split(/\.|(?=\[\])/)));
  assert.deepEqual(missing, []);
});

function has(value: unknown, [key, ...rest]: string[]): boolean {
  if (key === undefined) return true;
  if (typeof value !== 'object' || value === null) return false;
  if (key === '[]' || key === '*') return Object.values(value).some((item) => has(item, rest));
  return Object.hasOwn(value, key) && has(Reflect.get(value, key), rest);
}
