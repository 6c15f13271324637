import { RuntimeError } from '../errors/runtime-error.ts';

const MAX_LENGTH = 1024;

/** Throws unless `id` can name a container: runc's characters, and no path. */
export function checkContainerId(id: string): void {
  if (id === '') throw new RuntimeError('container id cannot be empty');
  if (id.length > MAX_LENGTH) {
    throw new RuntimeError(
      `invalid container ID format: ${id.slice(0, 20)}…: expected at most ${MAX_LENGTH} characters`,
    );
  }
  if (!/^[\w+.-]+$/.test(id) || id === '.' || id === '..') {
    throw new RuntimeError(
      `invalid container ID format: ${JSON.stringify(id)}: expected letters, digits and _ + - . only`,
      isPath(id)
        ? 'an id is any name for a new container: --bundle gives its directory'
        : undefined,
    );
  }
}

/** Newcomers give the directory, as systemd-nspawn takes it. */
const isPath = (id: string): boolean => id.includes('/') || /^\.+$/.test(id);
