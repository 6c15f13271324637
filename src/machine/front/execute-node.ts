import { AT_FDCWD, E2BIG, ENOENT, ENOTDIR } from '../constants.ts';
import { addressOfEnvp } from '../envp.ts';
import {
  a0,
  a1,
  a2,
  at,
  behind,
  type Machine,
  result,
  s2,
  s3,
  s4,
  s5,
  sp,
  t0,
} from '../machine.ts';
import * as data from './data.ts';
import { caller, frame } from './registers.ts';

const { FRAME, BUFFERS } = data;
const SLASH = '/'.charCodeAt(0);

/** The end of the front's directory within the path of Node. */
const directoryEnd = s2;
const argv = s4;

/** Executes davit's own Node on the loader, or ends at `say`, `sayNumber` or `sayPath`. */
export function executeNode(m: Machine, settings: data.FrontSettings): void {
  m.subtract(sp, BUFFERS.size);
  findLoader(m);
  moveVariables(m, settings);
  addNofile(m);
  addArguments(m, settings);
  execute(m);
}

function findLoader(m: Machine): void {
  m.syscall('readlinkat', AT_FDCWD, behind('self'), at(sp, BUFFERS.node), data.PATH_SIZE);
  m.address(a1, behind('noSelf'));
  m.ifNotBelow(result, data.PATH_SIZE, 'say');

  // Cuts the path behind its last slash. A slash before the path ends the search in any case.
  m.address(directoryEnd, at(sp, BUFFERS.node - 1));
  m.store8(at(directoryEnd), SLASH);
  m.add(directoryEnd, result);
  m.add(directoryEnd, 1);
  m.label('back');
  m.subtract(directoryEnd, 1);
  m.load8(t0, at(directoryEnd));
  m.ifNotEqual(t0, SLASH, 'back');
  m.add(directoryEnd, 1);
  m.store8(at(directoryEnd), 0);

  m.address(a0, at(sp, BUFFERS.loader));
  m.address(a1, at(sp, BUFFERS.node));
  m.call('append');
  m.address(a1, behind('loader'));
  m.call('append');
  m.syscall('openat', AT_FDCWD, at(sp, BUFFERS.loader), 0);
  m.address(a1, behind('noLoader'));
  m.address(a2, at(sp, BUFFERS.loader));
  m.ifNegative(result, 'sayPath');
  m.syscall('close', result);
}

const [variable, next, end] = [s3, s4, s5];

/** Registers: `next` the place behind the variable, `end` that of the variable to be written. */
function moveVariables(m: Machine, { prefix }: data.FrontSettings): void {
  addressOfEnvp(m, next, caller);
  m.store(at(frame, FRAME.envp), next);
  m.move(end, next);

  m.label('variable');
  m.load(variable, at(next));
  m.add(next, 8);
  m.ifEqual(variable, 0, 'variables read');
  m.address(a0, behind('names'));
  m.label('name');
  m.move(a1, variable);
  m.call('begins');
  m.ifEqual(t0, 0, 'named');
  m.load8(t0, at(a0));
  m.ifNotEqual(t0, 0, 'name');
  m.store(at(end), variable);
  m.add(end, 8);
  m.jump('variable');

  m.label('named');
  m.address(t0, behind('moved'));
  m.ifEqual(a0, t0, 'variable');
  m.move(a0, variable);
  m.call('skip');
  m.move(a1, a0);
  m.subtract(a1, variable);
  m.add(a1, prefix.length);
  m.syscall('mmap', 0, a1, data.PROT_READ_WRITE, data.MAP_PRIVATE_ANONYMOUS, 0, 0);
  m.address(a1, behind('noMemory'));
  m.ifNegative(result, 'say');
  m.store(at(end), result);
  m.add(end, 8);
  m.move(a0, result);
  m.address(a1, behind('prefix'));
  m.call('append');
  m.move(a1, variable);
  m.call('append');
  m.jump('variable');
}

/** Adds the soft RLIMIT_NOFILE. */
function addNofile(m: Machine): void {
  m.label('variables read');
  m.address(a0, at(frame, FRAME.nofile));
  m.store(at(end), a0);
  m.store(at(end, 8), 0);
  m.address(a1, behind('names'));
  m.call('append');
  m.address(a1, behind('unlimited'));
  m.load(a2, at(frame, FRAME.limit.soft));
  m.ifNotEqual(a2, -1, 'limited');
  m.call('append');
  m.jump('nofile told');
  m.label('limited');
  m.call('number');
  m.store8(at(a0), 0);
  m.label('nofile told');
}

function addArguments(m: Machine, { flags }: data.FrontSettings): void {
  // Node, flags and loader take the place of argv[0]. Without argv[0] they go before argv's NULL.
  m.address(argv, at(caller, 8));
  m.load(t0, at(caller));
  m.ifEqual(t0, 0, 'no argument');
  m.add(argv, 8);
  m.label('no argument');
  m.subtract(argv, 8 * (flags.length + 2));

  m.address(t0, at(sp, BUFFERS.node));
  m.store(at(argv), t0);
  m.address(a2, at(argv, 8));
  m.address(a0, behind('flags'));
  m.label('flag');
  m.store(at(a2), a0);
  m.add(a2, 8);
  m.call('skip');
  m.load8(t0, at(a0));
  m.ifNotEqual(t0, 0, 'flag');
  m.address(t0, at(sp, BUFFERS.loader));
  m.store(at(a2), t0);
}

function execute(m: Machine): void {
  const place = s5;
  m.address(place, behind('places'));
  m.label('place');
  m.move(a0, directoryEnd);
  m.move(a1, place);
  m.call('append');
  m.move(place, a1);
  m.load(a2, at(frame, FRAME.envp));
  m.syscall('execve', at(sp, BUFFERS.node), argv, a2);
  m.ifEqual(result, -ENOENT, 'not there');
  m.ifEqual(result, -ENOTDIR, 'not there');
  m.address(a1, behind('tooLong'));
  m.ifEqual(result, -E2BIG, 'say');
  m.address(a1, behind('notExecuted'));
  m.move(a2, result);
  m.negate(a2);
  m.jump('sayNumber');

  m.label('not there');
  m.load8(t0, at(place));
  m.ifNotEqual(t0, 0, 'place');
  m.store8(at(directoryEnd), 0);
  m.address(a1, behind('noNode'));
  m.address(a2, at(sp, BUFFERS.node));
  m.jump('sayPath');
}
