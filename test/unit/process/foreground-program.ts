import { closeSync, constants, openSync, writeSync } from 'node:fs';
import { fork } from '../../../src/init/fork/fork.ts';
import { waitForeground } from '../../../src/operations/launch/foreground.ts';
import { setCloseOnExec } from '../../../src/syscalls/files/fcntl.ts';
import { O_PATH } from '../../../src/syscalls/files/file.ts';
import { setSignalMask } from '../../../src/syscalls/signal/signals.ts';
import { execFd } from '../../../src/syscalls/task/exec.ts';
import { setChildSubreaper } from '../../../src/syscalls/task/prctl.ts';
import { exitNow, setsid } from '../../../src/syscalls/task/process.ts';
import { CallerTerminal } from '../../../src/terminal/caller-terminal.ts';
import { queueSignals } from '../../../src/terminal/signal-queue.ts';
import {
  createTerminal,
  makeControllingTerminal,
  useTerminal,
} from '../../../src/terminal/terminal.ts';
import { resetSignalDispositions } from './reset-signals.ts';

/*
 * Does what `davit run` does around its container, without one: forks the program in the arguments,
 * with --terminal at a new terminal, and passes on signals and its exit status. --subreaper: reaps
 * orphans, as `run` does.
 */

const argv = process.argv.slice(2);
const wantsTerminal = argv[0] === '--terminal';
const subreaper = argv[0] === '--subreaper';
if (wantsTerminal || subreaper) argv.shift();
if (subreaper) setChildSubreaper(true);

const caller = wantsTerminal ? CallerTerminal.find() : undefined;
const signals = queueSignals();
const root = openSync('/', O_PATH);
const procfs = openSync('/proc', O_PATH);
const terminal = caller && createTerminal({ rootFd: root, procfs, uid: 0 });
if (caller && terminal) caller.attach(terminal.master);

const child = fork(0, () => {
  if (terminal) {
    makeControllingTerminal(terminal.slave);
    useTerminal(terminal.slave);
  } else setsid();
  resetSignalDispositions();
  setSignalMask(Buffer.alloc(128));
  for (const fd of [0, 1, 2]) setCloseOnExec(fd, false);
  try {
    execFd(openSync(argv[0]!, constants.O_RDONLY), argv);
  } catch (error) {
    writeSync(2, `${error}\n`);
    exitNow(127);
  }
});
if (terminal) closeSync(terminal.slave);
const status = await waitForeground({
  process: child,
  signals,
  terminal: caller && terminal ? { master: terminal.master, caller } : undefined,
});
caller?.[Symbol.dispose]();
process.exit(status);
