import { spawnSync } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { setChildSubreaper } from '../../src/syscalls/task/prctl.ts';
import { waitpid } from '../../src/syscalls/task/process.ts';

/*
 * Stands in for containerd's shim or conmon. adopt.ts STDERR PID-FILE COMMAND… runs each COMMAND
 * (JSON of an argv) to its end. It then waits for the process in PID-FILE, which it has adopted.
 * STDERR is the standard error of the first command, and so of the container's process. Prints all
 * exit statuses.
 */

const [stderr, pidFile, ...commands] = process.argv.slice(2);
setChildSubreaper(true);
const fd = openSync(stderr!, 'a');
const statuses = commands.map((command, i) => {
  const [program, ...args] = JSON.parse(command);
  return spawnSync(program, args, { stdio: ['ignore', 'ignore', i === 0 ? fd : 2] }).status;
});
closeSync(fd);
const ended = waitpid(Number(readFileSync(pidFile!, 'utf8')));
process.stdout.write(`${[...statuses, ended].join(' ')}\n`);
