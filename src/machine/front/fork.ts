import * as constants from '../constants.ts';
import { a0, a1, at, behind, type Machine, result, s1, s5, t0 } from '../machine.ts';
import * as protocol from './door.ts';
import { control, noControl, onePart, putRights } from './message.ts';
import { door } from './registers.ts';

const { CLONE, DOOR, FORK, FORK_OPTIONS, JOIN, RIGHTS, TEXT, TOLD } = protocol;
/** The fds that came with FORK: the child's socket, and a cgroup. */
const FDS = DOOR.rights + RIGHTS.fds;

/** FORK: sets signals and the subreaper as FORK.options say, and makes the child. */
export function fork(m: Machine): void {
  m.label('fork');
  m.load32(t0, at(door, TEXT + FORK.options));
  m.ifFlagClear(t0, FORK_OPTIONS.blockSignals, 'signals stay');
  const { SIG_SETMASK, SIGSET_SIZE } = constants;
  m.store(at(door, DOOR.mask), -1);
  m.syscall('rt_sigprocmask', SIG_SETMASK, at(door, DOOR.mask), 0, SIGSET_SIZE);
  m.label('signals stay');
  m.load32(t0, at(door, TEXT + FORK.options));
  m.ifFlagClear(t0, FORK_OPTIONS.subreaper, 'no subreaper');
  m.syscall('prctl', constants.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
  m.label('no subreaper');
  cloneChild(m);
  tellFork(m);
  beChild(m);
  awaitProgram(m);
  join(m);
  executeProgram(m);
}

/** The child's pid, or -errno. */
const child = s5;

function cloneChild(m: Machine): void {
  m.set(t0, 0);
  for (let field = 0; field < CLONE.size; field += 8) m.store(at(door, DOOR.clone + field), t0);
  m.load(t0, at(door, TEXT + FORK.flags));
  m.store(at(door, DOOR.clone), t0);
  m.address(t0, at(door, DOOR.pidfd));
  m.store(at(door, DOOR.clone + CLONE.pidfd), t0);
  m.store(at(door, DOOR.clone + CLONE.exitSignal), constants.SIGCHLD);
  m.load32(t0, at(door, FDS + 4));
  m.store(at(door, DOOR.clone + CLONE.cgroup), t0);
  m.syscall('clone3', at(door, DOOR.clone), CLONE.size);
  m.ifEqual(result, 0, 'child');
  m.move(child, result);
  for (const fd of [0, 4]) {
    m.load32(a0, at(door, FDS + fd));
    m.syscall('close', a0);
  }
}

/** Reports the child and passes its pidfd. */
function tellFork(m: Machine): void {
  m.store(at(door, DOOR.told), 0);
  m.store(at(door, DOOR.told + 8), 0);
  m.store32(at(door, DOOR.told + TOLD.value), child);
  noControl(m);
  m.ifNegative(child, 'tell fork');
  m.load32(t0, at(door, DOOR.pidfd));
  m.store32(at(door, FDS), t0);
  putRights(m, 1);
  m.label('tell fork');
  m.call('tell');
  m.ifNegative(child, 'await answer');
  m.load32(a0, at(door, DOOR.pidfd));
  m.syscall('close', a0);
  m.jump('await answer');
}

/** In the child: FORK.firstFd, its socket. The fds of a message follow it. */
const own = s5;

function beChild(m: Machine): void {
  m.label('child');
  // Until it executes its program, the child dies if the front dies.
  m.syscall('prctl', constants.PR_SET_PDEATHSIG, constants.SIGKILL, 0, 0, 0);
  m.load32(own, at(door, TEXT + FORK.firstFd));
  m.load32(a0, at(door, FDS));
  m.syscall('dup3', a0, own, constants.O_CLOEXEC);
  m.address(a0, at(own, 1));
  m.syscall('close_range', a0, -1, 0);
}

/** Carries out each JOIN, until another message comes. */
function awaitProgram(m: Machine): void {
  m.label('await program');
  onePart(m, at(door, DOOR.answer), protocol.MAX_CHILD_ARGV);
  control(m, at(door, DOOR.childRights), protocol.CHILD_RIGHTS_SIZE);
  m.syscall('recvmsg', own, at(door, DOOR.message), 0);
  m.ifNegative(result, 'end child');
  m.ifEqual(result, 0, 'end child');
  m.load8(t0, at(door, DOOR.answer));
  m.ifNotEqual(t0, 0, 'execute program');
}

function join(m: Machine): void {
  const fd = s1;
  m.address(fd, at(own, 1));
  m.load32(a1, at(door, DOOR.answer + JOIN.flag));
  m.ifEqual(a1, 0, 'join cgroup');
  m.syscall('setns', fd, a1);
  m.jump('joined');
  m.label('join cgroup');
  m.syscall('write', fd, at(door, DOOR.answer + JOIN.self), 1);
  m.label('joined');
  m.store(at(door, DOOR.told), result);
  m.syscall('close', fd);
  m.syscall('write', own, at(door, DOOR.told), JOIN.answerSize);
  m.jump('await program');
}

function executeProgram(m: Machine): void {
  const argv = DOOR.childArgv;
  const program = own;
  m.label('execute program');
  m.load32(t0, at(door, DOOR.clone));
  m.ifFlagClear(t0, protocol.CLONE_NEWUSER, 'has its ids');
  for (const call of ['setresgid', 'setresuid'] as const) m.syscall(call, 0, 0, 0);
  m.label('has its ids');
  m.add(program, 1);
  m.syscall('fcntl', program, constants.F_SETFD, constants.FD_CLOEXEC);
  m.address(t0, at(door, DOOR.answer));
  m.store(at(door, argv), t0);
  protocol.CHILD_NAME.forEach((word, i) => {
    m.add(t0, word.length + 1);
    m.store(at(door, argv + 8 * (i + 1)), t0);
  });
  m.store(at(door, argv + 24), 0);
  const [path, envp] = [behind('emptyPath'), at(door, argv + 24)];
  m.syscall('execveat', program, path, at(door, argv), envp, constants.AT_EMPTY_PATH);
  m.label('end child');
  m.exit(1);
}
