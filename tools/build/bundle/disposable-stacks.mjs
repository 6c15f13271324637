// DisposableStack and AsyncDisposableStack for embedding programs on Node 22, which lacks them:
// esbuild puts them in place of the globals of the embedding API. They have what src/ uses.

class Disposals {
  #disposals = [];
  #disposed = false;

  use(resource) {
    if (resource != null) this.defer(() => resource[Symbol.dispose]());
    return resource;
  }

  adopt(value, dispose) {
    this.defer(() => dispose(value));
    return value;
  }

  defer(dispose) {
    if (this.#disposed) throw new ReferenceError('the stack has been disposed of');
    this.#disposals.push(dispose);
  }

  move() {
    const moved = new this.constructor();
    moved.#disposals = this.take();
    return moved;
  }

  /** What is to be called, oldest first. */
  take() {
    this.#disposed = true;
    return this.#disposals.splice(0);
  }
}

/** The error to throw after another one, if there is one. */
const after = (failures, error) =>
  failures.length > 0
    ? Object.assign(new Error(error.message), { error, suppressed: failures[0] })
    : error;

class SyncStack extends Disposals {
  dispose() {
    const failures = [];
    for (const dispose of this.take().reverse()) {
      try {
        dispose();
      } catch (error) {
        failures.unshift(after(failures, error));
      }
    }
    if (failures.length > 0) throw failures[0];
  }

  [Symbol.dispose]() {
    this.dispose();
  }
}

class AsyncStack extends Disposals {
  async disposeAsync() {
    const failures = [];
    for (const dispose of this.take().reverse()) {
      try {
        await dispose();
      } catch (error) {
        failures.unshift(after(failures, error));
      }
    }
    if (failures.length > 0) throw failures[0];
  }
}

const { DisposableStack = SyncStack, AsyncDisposableStack = AsyncStack } = globalThis;

export { AsyncDisposableStack, DisposableStack };
