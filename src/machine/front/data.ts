import type { Program } from '../assembler.ts';
import type { Machine } from '../machine.ts';
import { putDoorData } from './door.ts';

/*
 * dist/davit: asks the server (door.ts), or executes davit's own Node on the loader, or says in one
 * line why it cannot. Its memory is the stack, and mmap(2) for renamed variables. Before it checks
 * the limit on the stack, it uses little of the stack.
 *
 *   for (limit of LIMITS) if (prlimit64(limit) < its minimum) say()
 *   ask the server, and go on where it cannot help      unless there is none
 *   if (clone3() is neither ENOSYS nor EINVAL) say()    Node's C library expects no other errno
 *   clone(a thread that clones a thread), or say()      Node hangs or aborts without two threads
 *   directory = readlink(/proc/self/exe), up to its last slash
 *   if (open(directory + loader) fails) say()
 *   for (variable of envp)                              within envp
 *     if (it is nofile) leave it out
 *     if (it is one of moved) put prefix + variable in its place
 *   add nofile=the soft RLIMIT_NOFILE to envp           over the first of the auxiliary vector
 *   put Node, flags and loader before argv[1]           over argc, and below it
 *   for (place of places) execve(directory + place, argv, envp)
 *   say()
 */

/** What the build puts into the program. */
export interface FrontSettings {
  /** The name of the build: a server of another one is left alone. */
  build: string;
  /** The JavaScript that Node is to run, seen from the front's directory. */
  loader: string;
  /** Node's command-line flags. */
  flags: readonly string[];
  /** Variables that would change Node: the front renames them, with `prefix` before the name. */
  moved: readonly string[];
  prefix: string;
  /** The variable that passes on the soft RLIMIT_NOFILE, which Node raises. */
  nofile: string;
}

/** Node crashes below these limits. Numbers: asm-generic/resource.h; minimums are in `unit`. */
export const LIMITS = [
  { name: 'RLIMIT_STACK', number: 3, hard: false, minimum: 256, unit: ' KiB', ulimit: 's' },
  { name: 'RLIMIT_AS', number: 9, hard: false, minimum: 1_500_000, unit: ' KiB', ulimit: 'v' },
  { name: 'RLIMIT_DATA', number: 2, hard: false, minimum: 1_000_000, unit: ' KiB', ulimit: 'd' },
  // Must come last: its values stay in the frame, and the soft limit is passed on to davit.
  { name: 'RLIMIT_NOFILE', number: 7, hard: true, minimum: 32, unit: '', ulimit: 'Hn' },
] as const;

/** clone(2): a thread as in the C library. Its end clears the word with its id (linux/sched.h). */
export const THREAD = 0x100 | 0x200 | 0x400 | 0x800 | 0x10000 | 0x40000 | 0x100000 | 0x200000;

/** sys/mman.h */
export const PROT_READ_WRITE = 3;
export const MAP_PRIVATE_ANONYMOUS = 0x22;

/** Bytes for the path of the front (limits.h: PATH_MAX). A path that fills them is cut off. */
export const PATH_SIZE = 4095;

/** The stack used before its limit is checked: offsets from the bottom of this frame. */
export const FRAME = {
  /** Buffer for a message about a limit. */
  message: 0,
  limit: { soft: 192, hard: 200 },
  thread: 208,
  envp: 216,
  nofile: 224,
  /** Above are Node's arguments, up to those of the front itself. */
  size: (settings: FrontSettings) => 264 + 16 * Math.ceil((settings.flags.length + 3) / 2) + 8,
} as const;

/** Offsets of buffers on the stack below the frame. Each takes a path and some text. */
export const BUFFERS = { message: 0, loader: 0x2000, node: 0x4000, size: 0x6000 } as const;

const CANNOT = 'davit: cannot start: ';
const AGAIN = ': build or install davit again\n';

/** Messages that contain no path and no number. */
const TEXTS = {
  noLimits: 'prlimit64 is refused: look for a seccomp filter',
  noClone3:
    'clone3 is refused, and not with ENOSYS, so that Node cannot make threads: look for a seccomp filter',
  noThread:
    'a process or thread cannot be made: pids.max of its cgroup, or RLIMIT_NPROC (ulimit -u), is reached',
  noSelf: '/proc/self/exe cannot be read: mount /proc',
  noMemory: 'there is no memory for its environment',
  tooLong: 'its arguments and environment are too long (E2BIG)',
};

/** Puts the data behind the instructions. */
export function putData(m: Machine, settings: FrontSettings): void {
  const { build, loader, flags, moved, prefix, nofile } = settings;
  m.data();
  putDoorData(m, build);
  for (const [label, text] of Object.entries(TEXTS)) m.text(label, `${CANNOT}${text}\n`);
  for (const { name, minimum, unit, ulimit } of LIMITS) {
    const least = `${unit}: it takes at least ${minimum}${unit} (ulimit -${ulimit})\n`;
    m.text(name, `${CANNOT}${name} is `, least);
  }
  m.text('noLoader', CANNOT, ` is missing or cannot be read${AGAIN}`);
  m.text('noNode', `${CANNOT}its Node, or the C library that it needs, is missing in `, AGAIN);
  m.text('notExecuted', `${CANNOT}its Node cannot be executed: errno `, ' of execve(2)\n');
  m.text('self', '/proc/self/exe');
  m.text('loader', loader);
  m.text('flags', ...flags, '');
  m.text('names', `${nofile}=`);
  m.text('moved', ...moved.map((name) => `${name}=`), '');
  m.text('prefix', prefix);
  m.text('unlimited', 'unlimited');
  const packaged = `node-linux-${m.arch}/bin/node`;
  m.text('places', 'node', `../node_modules/${packaged}`, `../../${packaged}`, '');
}

export type FrontProgram = Program;
