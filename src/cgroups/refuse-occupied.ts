import { existsSync } from 'node:fs';
import { RuntimeError } from '../errors/runtime-error.ts';
import { readAllPids } from './processes.ts';

/** Throws, in runc's words, when a new container's place holds processes already or is frozen. */
export function refuseOccupied(dir: string | undefined, frozen: () => boolean): void {
  if (dir !== undefined && existsSync(dir)) {
    const { length } = readAllPids(dir);
    if (length > 0) {
      throw new RuntimeError(`container's cgroup is not empty: ${length} process(es) found`);
    }
  }
  if (frozen()) throw new RuntimeError("container's cgroup unexpectedly frozen");
}
