import { runCommand } from '../command.ts';

/** True if the shell finds the program. */
export const has = (program: string): boolean =>
  runCommand('sh', ['-c', `command -v ${program}`]).status === 0;
