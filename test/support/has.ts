import { runCommand } from './command.ts';

/** The shell finds a program. */
export const has = (program: string): boolean =>
  runCommand('sh', ['-c', `command -v ${program}`]).status === 0;
