import { libc, type NativeFunction } from '../ffi/koffi.ts';
import { syscallError } from '../ffi/libc.ts';

// spawn.h: sizes of glibc's posix_spawn_file_actions_t and posix_spawnattr_t, 64-bit.
const FILE_ACTIONS_SIZE = 80;
const ATTRIBUTES_SIZE = 336;
const POSIX_SPAWN_SETSIGDEF = 0x04;
const POSIX_SPAWN_SETSIGMASK = 0x08;
const POSIX_SPAWN_SETSID = 0x80;
const SIGSET_SIZE = 128;

export interface SpawnOptions {
  path: string;
  argv: readonly string[];
  /** `NAME=value`. */
  env: readonly string[];
  /** The child's fds: `[from, to]`. It gets no others, even if davit's caller left some open. */
  fds: readonly (readonly [from: number, to: number])[];
  /** The child's working directory. Default, and always before glibc 2.29: the caller's. */
  cwd?: string | undefined;
  /** setsid(2): the child leaves the caller's process group and terminal. Default: false. */
  newSession?: boolean;
}

/**
 * posix_spawn(3): starts a program, with default signal dispositions and an empty signal mask, and
 * returns its pid. It needs neither the event loop nor a copy of the caller's memory, so it works
 * both in the runtime and in init.
 */
export function spawn({ path, argv, env, fds, cwd, newSession }: SpawnOptions): number {
  const c = bind();
  const actions = Buffer.alloc(FILE_ACTIONS_SIZE);
  const attributes = Buffer.alloc(ATTRIBUTES_SIZE);
  c.actionsInit(actions);
  c.attributesInit(attributes);
  try {
    if (cwd !== undefined) c.addChdir?.(actions, cwd);
    for (const [from, to] of fds) c.addDup2(actions, from, to);
    c.addCloseFrom?.(actions, Math.max(...fds.map(([, to]) => to)) + 1);
    c.setMask(attributes, Buffer.alloc(SIGSET_SIZE));
    c.setDefault(attributes, Buffer.alloc(SIGSET_SIZE, 0xff));
    const session = newSession ? POSIX_SPAWN_SETSID : 0;
    c.setFlags(attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | session);
    const pid = new Int32Array(1);
    const errno = c.spawn(pid, path, actions, attributes, [...argv, null], [...env, null]);
    if (errno !== 0) throw syscallError(errno, 'posix_spawn', `exec ${path}`);
    return pid[0]!;
  } finally {
    c.actionsDestroy(actions);
    c.attributesDestroy(attributes);
  }
}

let bound: ReturnType<typeof load> | undefined;
function bind(): ReturnType<typeof load> {
  bound ??= load();
  return bound;
}

function load() {
  return {
    actionsInit: libc().func('int posix_spawn_file_actions_init(void *actions)'),
    actionsDestroy: libc().func('int posix_spawn_file_actions_destroy(void *actions)'),
    addDup2: libc().func('int posix_spawn_file_actions_adddup2(void *actions, int fd, int newfd)'),
    addChdir: ifThere('int posix_spawn_file_actions_addchdir_np(void *actions, const char *path)'),
    addCloseFrom: ifThere('int posix_spawn_file_actions_addclosefrom_np(void *actions, int from)'),
    attributesInit: libc().func('int posix_spawnattr_init(void *attr)'),
    attributesDestroy: libc().func('int posix_spawnattr_destroy(void *attr)'),
    setMask: libc().func('int posix_spawnattr_setsigmask(void *attr, const void *set)'),
    setDefault: libc().func('int posix_spawnattr_setsigdefault(void *attr, const void *set)'),
    setFlags: libc().func('int posix_spawnattr_setflags(void *attr, short flags)'),
    spawn: libc().func(
      'int posix_spawn(_Out_ int *pid, const char *path, const void *actions, const void *attr, const char **argv, const char **envp)',
    ),
  };
}

/** glibc has addchdir_np since 2.29 and addclosefrom_np since 2.34. */
function ifThere(prototype: string): NativeFunction | undefined {
  try {
    return libc().func(prototype);
  } catch {
    return undefined;
  }
}
