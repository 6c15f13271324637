import { koffi } from '../ffi/koffi.ts';

/** Somebody waiting on Node's event loop for an fd. */
export interface ReadableWatch {
  /** Settles when the fd is readable: for a pidfd, when the process has ended. */
  readonly readable: Promise<void>;
  /** Whether the wait keeps the program alive. */
  hold(alive: boolean): void;
  /** Gives up waiting. */
  end(): void;
}

type Handle = ReturnType<ReturnType<typeof koffi>['node']['poll']>;

/** Of watches that go on. */
const handles = new Set<Handle>();

function open(handle: Handle): void {
  if (handles.size === 0) process.on('exit', closeAll);
  handles.add(handle);
}

function close(handle: Handle): void {
  if (!handles.delete(handle)) return;
  handle.close();
  if (handles.size === 0) process.off('exit', closeAll);
}

/** An fd that becomes readable while Node takes its event loop down would abort the program. */
function closeAll(): void {
  for (const handle of handles) handle.close();
}

/** Watches an fd, which becomes non-blocking, without blocking the event loop. For the runtime's side alone. */
export function watchReadable(fd: number): ReadableWatch {
  const { promise, resolve } = Promise.withResolvers<void>();
  const handle = koffi().node.poll(fd, { readable: true }, () => {
    close(handle);
    // koffi calls without running microtasks: what awaits would go on with the loop's next event only.
    setImmediate(resolve);
  });
  open(handle);
  return {
    readable: promise,
    hold(alive) {
      // Of a closed handle, koffi would give libuv a null pointer.
      if (!handles.has(handle)) return;
      if (alive) handle.ref();
      else handle.unref();
    },
    end: () => close(handle),
  };
}
