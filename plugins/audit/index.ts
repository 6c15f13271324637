import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import { definePlugin } from 'davit/plugin';
import { privileges } from './privileges.ts';

interface Options {
  /** Absolute path of the file to append records to. */
  file: string;
  /** Refuse containers that cannot be recorded. Default: true. */
  required: boolean;
}

/**
 * Records who started which program with which privileges: one JSON object a line, appended before
 * the program runs.
 */
export default definePlugin<Options>({
  name: 'audit',
  options(given) {
    const { file, required = true } = (given ?? {}) as Partial<Options>;
    if (!file?.startsWith('/')) throw new Error('file: expected an absolute path');
    return { file, required };
  },
  before: {
    exec({ id, bundle, command, spec, options, log }) {
      const { process } = spec;
      const record = {
        time: new Date().toISOString(),
        event: command === 'exec' ? 'exec' : 'start',
        id,
        bundle,
        caller: caller(),
        args: process?.args,
        user: process?.user,
        privileges: privileges(spec),
      };
      try {
        append(options.file, record);
      } catch (error) {
        if (options.required) throw error;
        log((error as Error).message);
      }
    },
  },
  on: {
    'container:stopped': ({ id, exitStatus }, { options }) =>
      append(options.file, { time: new Date().toISOString(), event: 'end', id, exitStatus }),
    'container:deleted': ({ id }, { options }) =>
      append(options.file, { time: new Date().toISOString(), event: 'delete', id }),
  },
});

/** One write(2) a record: with O_APPEND, records of concurrent processes do not mix. */
function append(file: string, record: object): void {
  const fd = openSync(file, 'a', 0o600);
  try {
    writeSync(fd, `${JSON.stringify(record)}\n`);
  } finally {
    closeSync(fd);
  }
}

/** loginuid is the user who logged in, also after sudo; 4294967295 means no user. */
function caller() {
  const loginUid = Number(readIfThere('/proc/self/loginuid') ?? 4294967295);
  const parent = readIfThere(`/proc/${process.ppid}/cmdline`)?.split('\0').slice(0, -1);
  return {
    uid: process.getuid!(),
    loginUid: loginUid === 4294967295 ? null : loginUid,
    parent: { pid: process.ppid, command: parent },
  };
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
