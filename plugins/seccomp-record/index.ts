import { accessSync, constants, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { definePlugin, type Seccomp } from 'davit/plugin';
import { UNNOTIFIABLE } from './recorded-profile.ts';
import { CREATED, FAILURE } from './recorder-options.ts';
import { recordingProfile } from './recording-profile.ts';
import { type Recorder, recorderOf, startRecorder } from './start-recorder.ts';

interface Options {
  /** Absolute path of the profile. `{id}` stands for the container's id. */
  output: string;
  /** Adds to the existing profile. Default: false. */
  merge: boolean;
  /** Calls that the profile allows even if they were not seen. */
  include: string[];
}

/** Milliseconds that deleting a container waits for the profile. */
const WRITING = 3000;

/** Calls that V8 may make before it executes the program. */
const MEMORY = ['brk', 'futex', 'madvise', 'mmap', 'mprotect', 'munmap'];

/** Recorders of the containers that this process is making. */
const recorders = new Map<string, Recorder>();

/** Records the system calls of a container, and writes a seccomp profile that allows no others. */
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
    // Otherwise the runtime also runs under the filter, with calls that differ from run to run.
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
    /** The container has ended: waits until its profile is written. */
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
