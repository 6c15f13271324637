import { koffi } from '../ffi/koffi.ts';

/** A wait for an fd on Node's event loop. */
export interface ReadableWatch {
  /** Settles when the fd is readable: for a pidfd, when the process has ended. */
  readonly readable: Promise<void>;
  /** Whether the wait keeps the program alive. */
  hold(alive: boolean): void;
  /** Gives up waiting. */
  end(): void;
}

type Handle = ReturnType<ReturnType<typeof koffi>['node']['poll']>;

/** Handles of the watches that have not ended. */
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

/** Node aborts when an fd becomes readable while Node shuts its event loop down. */
function closeAll(): void {
  for (const handle of handles) handle.close();
}

/** Waits for `fd` on the event loop. libuv sets O_NONBLOCK on `fd`. Never used in init. */
export function watchReadable(fd: number): ReadableWatch {
  const { promise, resolve } = Promise.withResolvers<void>();
  const handle = koffi().node.poll(fd, { readable: true }, () => {
    close(handle);
    // koffi's callback runs no microtasks: code that awaits would wait for the loop's next event.
    setImmediate(resolve);
  });
  open(handle);
  return {
    readable: promise,
    hold(alive) {
      // koffi would pass libuv a null pointer for a closed handle.
      if (!handles.has(handle)) return;
      if (alive) handle.ref();
      else handle.unref();
    },
    end: () => close(handle),
  };
}
