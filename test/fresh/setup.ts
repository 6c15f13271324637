import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import type { Result } from '../support/command.ts';
import { Machine } from './machine.ts';
import { provideRoot, whatIsMissing } from './root.ts';

const missing = whatIsMissing();
const root = missing === undefined ? provideRoot() : undefined;
export const options = { skip: missing ?? (root === undefined && "needs Debian's packages") };

export const machineOf = (t: TestContext, user: number) => new Machine(t, root!, user);

/** Expects what `npm run demo` prints. */
export function ranDemo({ status, stdout, stderr }: Result): void {
  assert.equal(status, 0, stdout + stderr);
  assert.match(stdout, /hostname +aboard/);
  assert.match(stdout, /stages cover/);
}
