import assert from 'node:assert/strict';
import { test } from 'node:test';

const native = { DisposableStack, AsyncDisposableStack };

/** Loads the module as a Node without these globals does. */
async function onOlderNode(): Promise<typeof native> {
  const names = Object.keys(native);
  for (const name of names) Reflect.deleteProperty(globalThis, name);
  try {
    const path: string = '../../../tools/build/bundle/disposable-stacks.mjs';
    return await import(path);
  } finally {
    Object.assign(globalThis, native);
  }
}

function dispose({ DisposableStack }: typeof native): string[] {
  const log: string[] = [];
  const stack = new DisposableStack();
  stack.use({ [Symbol.dispose]: () => log.push('used') });
  stack.use(undefined);
  log.push(String(stack.adopt(3, (fd) => log.push(`close ${fd}`))));
  stack.defer(() => {
    throw new Error('first');
  });
  stack.defer(() => {
    throw new Error('second');
  });
  const moved = stack.move();
  stack.dispose();
  log.push('moved');
  assert.throws(
    () => moved.dispose(),
    (error) => {
      const { error: first, suppressed } = error as SuppressedError;
      assert.deepEqual([first.message, suppressed.message], ['first', 'second']);
      return true;
    },
  );
  moved.dispose();
  assert.throws(() => moved.defer(() => {}), ReferenceError);
  return log;
}

async function disposeAsync({ AsyncDisposableStack }: typeof native): Promise<string[]> {
  const log: string[] = [];
  const stack = new AsyncDisposableStack();
  stack.defer(() => void log.push('last'));
  stack.defer(async () => {
    await Promise.resolve();
    log.push('first');
  });
  stack.defer(async () => {
    throw new Error('failed');
  });
  await assert.rejects(stack.disposeAsync(), /failed/);
  return log;
}

test('the stacks for Node 22 behave as those of newer Nodes', async () => {
  const own = await onOlderNode();
  assert.notEqual(own.DisposableStack, DisposableStack);
  assert.deepEqual(dispose(own), dispose(native));
  assert.deepEqual(await disposeAsync(own), await disposeAsync(native));
});
