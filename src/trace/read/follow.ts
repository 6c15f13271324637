import { watch } from 'node:fs';
import { nanosecondsOf } from '../record/clock.ts';
import { isUnfinished, readTraces, type StoredCommand } from './read-traces.ts';

/** A command of a container, once it has ended and is stored. */
export interface FollowedCommand {
  containerId: string;
  command: StoredCommand;
}

const SUFFIX = '.jsonl';

/** Yields each command that is stored in `directory` from now on. Goes on until it is returned. */
export async function* followCommands(directory: string): AsyncGenerator<FollowedCommand> {
  const begin = nanosecondsOf(Date.now());
  const told = new Map<string, ReadonlySet<string>>();
  const changed = new Set<string>();
  let wake = Promise.withResolvers<void>();
  const watcher = watch(directory, (_event, name) => {
    if (name?.endsWith(SUFFIX)) changed.add(name.slice(0, -SUFFIX.length));
    wake.resolve();
  });
  try {
    for (;;) {
      await wake.promise;
      wake = Promise.withResolvers();
      for (const containerId of changed) {
        changed.delete(containerId);
        const stored = storedSince(directory, containerId, begin);
        const before = told.get(containerId);
        told.set(containerId, new Set(stored.map(({ root }) => root.spanId)));
        for (const command of stored)
          if (!before?.has(command.root.spanId)) yield { containerId, command };
      }
    }
  } finally {
    watcher.close();
  }
}

/** The commands that have ended since `begin`, in nanoseconds since the epoch. */
function storedSince(directory: string, id: string, begin: bigint): StoredCommand[] {
  return readTraces(directory, id)
    .flatMap(({ commands, orphanCommands }) => [...commands, ...orphanCommands])
    .filter((command) => !isUnfinished(command) && command.root.end >= begin);
}
