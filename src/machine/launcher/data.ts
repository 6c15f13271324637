import type { Program } from '../assembler.ts';

/*
 * The program is the init of a container that waits in a pool. It reads from COMMAND_FD which
 * program to execute:
 *
 *     the length of what follows   64 bits, little-endian
 *     an image                     mapped at IMAGE_ADDRESS; it begins with the IMAGE pointers
 *
 * It executes the program, which closes COMMAND_FD, or writes a report of 8 bytes: which of FAILED
 * it was, and the errno. Without a command at the end of COMMAND_FD, it ends with status 0.
 */

export type LauncherProgram = Program;

/** The first one that --preserve-fds passes on. */
export const COMMAND_FD = 3;
export const LENGTH_SIZE = 8;
export const REPORT_SIZE = 8;
/** Free in a process that has just executed this program. */
export const IMAGE_ADDRESS = 0x7000_0000;
/**
 * Where in the image the pointers are. `paths` is a list like argv: the first that exists is taken.
 */
export const IMAGE = { cwd: 0, argv: 8, envp: 16, paths: 24, size: 32 } as const;
export const FAILED = { chdir: 0, execve: 1 } as const;

/** sys/mman.h */
export const PROT_READ_WRITE = 3;
/** MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE */
export const MAP_FLAGS = 0x100022;
/** fcntl.h */
export const F_SETFD = 2;
export const FD_CLOEXEC = 1;
/** A shell's exit status for a program that cannot be executed. */
export const NOT_EXECUTED = 127;
