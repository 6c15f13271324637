import { accessSync, constants, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { definePlugin, type Seccomp } from 'davit/plugin';
import { CREATED, FAILURE } from './order.ts';
import { UNNOTIFIABLE } from './recorded-profile.ts';
import { recordingProfile } from './recording-profile.ts';
import { type Recorder, recorderOf, startRecorder } from './start-recorder.ts';

interface Options {
  /** Absolute path of the profile; `{id}` in it stands for the container's id. */
  output: string;
  /** Adds to the profile that is there already. Default: false. */
  merge: boolean;
  /** Calls that the profile allows whether they were seen or not. */
  include: string[];
}

/** Milliseconds that deleting a container waits for its profile. */
const WRITING = 3000;

/** What V8 may or may not do before it has become the program. */
const MEMORY = ['brk', 'futex', 'madvise', 'mmap', 'mprotect', 'munmap'];

/** Recorders of containers that this process is making. */
const recorders = new Map<string, Recorder>();

/** Records which system calls a container makes, as the seccomp profile that allows no others. */
export default definePlugin<Options>({
  name: 'seccomp-record',
  options(given) {
    const { output, merge = false, include = [], ...others } = (given ?? {}) as Partial<Options>;
    const [unknown] = Object.keys(others);
    if (unknown) throw new Error(`${unknown}: expected output, merge or include`);
    if (!output?.startsWith('/')) throw new Error('output: expected an absolute path');
    if (typeof merge !== 'boolean') throw new Error('merge: expected true or false');
    if (!Array.isArray(include) || include.some((name) => typeof name !== 'string')) {
      throw new Error('include: expected a list of system calls');
    }
    return { output, merge, include };
  },
  claims: ['seccomp'],
  async adjust({ process, hooks, linux }, { id, options }) {
    const output = options.output.replaceAll('{id}', id);
    checkDirectory(dirname(output));
    const base = linux?.seccomp as Seccomp | undefined;
    // Otherwise the runtime itself goes on under the filter, and no two times in the same way.
    const filterComesLast = process?.noNewPrivileges === true && !hooks?.startContainer?.length;
    const recorder = await startRecorder({
      output,
      merge: options.merge,
      include: [UNNOTIFIABLE, ...options.include, ...(filterComesLast ? [] : MEMORY)],
      filterComesLast,
      base,
    });
    recorders.set(id, recorder);
    return { seccomp: recordingProfile(base, recorder.socket) };
  },
  after: {
    saveState({ id, spec, pid }) {
      const directory = recorderOf(spec.linux?.seccomp?.listenerPath)!;
      writeFileSync(join(directory, CREATED), String(pid));
      recorders.delete(id);
    },
  },
  before: {
    /** The container is dead: its profile is being written. */
    async removeState({ spec, log }) {
      const directory = recorderOf(spec.linux?.seccomp?.listenerPath);
      if (directory === undefined) return;
      const failure = join(directory, FAILURE);
      const end = Date.now() + WRITING;
      while (existsSync(directory) && !existsSync(failure)) {
        if (Date.now() > end) return log('the profile is not written yet');
        await sleep(5);
      }
      if (!existsSync(failure)) return;
      log(`no profile: ${readFileSync(failure, 'utf8')}`);
      rmSync(directory, { recursive: true });
    },
  },
  on: {
    'command:error': ({ id }) => {
      recorders.get(id)?.stop();
      recorders.delete(id);
    },
  },
});

function checkDirectory(path: string): void {
  try {
    accessSync(path, constants.W_OK);
  } catch (error) {
    throw new Error(`output: ${path}: ${(error as Error).message}`);
  }
}
