import { RuntimeError } from '../errors/runtime-error.ts';

/** Throws unless `id` can name a container: runc's characters, and no path. */
export function checkContainerId(id: string): void {
  if (id === '') throw new RuntimeError('container id cannot be empty');
  if (id.length > 1024 || !/^[\w+.-]+$/.test(id) || id === '.' || id === '..') {
    throw new RuntimeError(
      `invalid container ID format: ${JSON.stringify(id)}: expected letters, digits and _ + - . only`,
    );
  }
}
