import { mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { stringifyJson } from '../config/json.ts';
import type { Spec } from '../config/types.ts';
import { RuntimeError } from '../errors/runtime-error.ts';
import { hasErrno } from '../errors/syscall-error.ts';
import { isDirectory, makeDirectories } from '../syscalls/files/make-directories.ts';
import { checkContainerId } from './container-id.ts';
import { isRecord } from './is-record.ts';
import { NOTIFY_SOCKET } from './notify-socket.ts';
import { READINESS_DIRECTORY } from './readiness-socket.ts';
import type { ContainerRecord } from './record.ts';
import { removeDirectory, removeFile } from './remove.ts';
import { unmountRestoreRoot } from './restore-root.ts';
import { mayOthersWrite } from './trusted-path.ts';
import { writeAtomically } from './write-atomically.ts';

const STATE_FILE = 'state.json';
/** loadSpec reads it. It is written before state.json, so a container with a record has both. */
const CONFIG_FILE = 'config.json';

const OWN_FILES = [
  ...[STATE_FILE, CONFIG_FILE].flatMap((name) => [name, temporary(name)]),
  NOTIFY_SOCKET,
  READINESS_DIRECTORY,
];

/** The directory of container `id` below --root. */
export function stateDirOf(root: string, id: string): string {
  checkContainerId(id);
  return join(root, id);
}

/** Claims `id`: makes its directory. Throws when the id is taken. */
export function claimStateDir(root: string, id: string): string {
  const dir = stateDirOf(root, id);
  makeRoot(root);
  try {
    mkdirSync(dir, { mode: 0o711 });
  } catch (error) {
    if (hasErrno(error, 'EEXIST')) {
      throw new RuntimeError(
        `container with given ID already exists: ${id}`,
        'choose another id, or remove that container: davit delete ID',
      );
    }
    throw error;
  }
  return dir;
}

/**
 * Makes --root with the sticky bit, which saves it from being pruned (XDG Base Directory
 * Specification). An existing directory keeps its mode, as in runc: its owner decides who may read
 * the containers' names. But if it is another user's, or others may write to it, they could put
 * containers of their own there: that is an error.
 */
function makeRoot(root: string): void {
  try {
    // It usually exists, and an error of mkdir(2) takes longer than a look.
    if (!isDirectory(root) && makeDirectories(root, 0o1711) !== undefined) return;
  } catch (error) {
    if (!hasErrno(error, 'EACCES')) throw error;
    throw new RuntimeError(
      (error as Error).message,
      'set --root or XDG_RUNTIME_DIR to a directory that you own',
    );
  }
  const stat = statSync(root);
  const danger = 'another user could put containers there that davit then kills and deletes';
  if (mayOthersWrite(stat)) {
    throw new RuntimeError(
      `--root ${root} is writable for users other than its owner`,
      `${danger}: chmod go-w ${root}`,
    );
  }
  const uid = process.geteuid!();
  // Root may use the directory of a user, as sudo does.
  if (uid !== 0 && stat.uid !== 0 && stat.uid !== uid) {
    throw new RuntimeError(`--root ${root} belongs to uid ${stat.uid}`, danger);
  }
}

/** Writes state.json. */
export function writeRecord(dir: string, record: ContainerRecord): void {
  write(join(dir, STATE_FILE), JSON.stringify(record));
}

/** Writes the configuration in effect. */
export function writeConfig(dir: string, spec: Spec): void {
  write(join(dir, CONFIG_FILE), stringifyJson(spec));
}

function write(file: string, text: string): void {
  writeAtomically(file, text, { temporary: temporary(file), mode: 0o600 });
}

function temporary(file: string): string {
  return `${file}.new`;
}

/** The record of container `id`; throws runc's `container does not exist` when there is none. */
export function readRecord(root: string, id: string): ContainerRecord {
  const record = findRecord(root, id);
  if (!record) throw new RuntimeError('container does not exist');
  return record;
}

/** The record of container `id`; `undefined` when there is none, or none that davit wrote. */
export function findRecord(root: string, id: string): ContainerRecord | undefined {
  try {
    const value: unknown = JSON.parse(readFileSync(join(stateDirOf(root, id), STATE_FILE), 'utf8'));
    return isRecord(value) ? value : undefined;
  } catch (error) {
    const none = hasErrno(error, 'ENOENT', 'ENOTDIR', 'EISDIR') || error instanceof SyntaxError;
    if (none) return undefined;
    throw error;
  }
}

/** Ids of all containers with a record below `root`, in order; none if `root` does not exist. */
export function listIds(root: string): string[] {
  try {
    return readdirSync(root).filter((name) => isContainer(join(root, name)));
  } catch (error) {
    if (hasErrno(error, 'ENOENT')) return [];
    throw error;
  }
}

function isContainer(dir: string): boolean {
  try {
    return statSync(join(dir, STATE_FILE)).isFile();
  } catch {
    return false;
  }
}

/**
 * Removes what a crash left of a container without a record, if the directory holds nothing but
 * davit's files. Any other directory of this name stays.
 */
export function removeRemains(root: string, id: string): void {
  const dir = stateDirOf(root, id);
  try {
    if (readdirSync(dir).every((name) => OWN_FILES.includes(name))) removeStateDir(dir);
  } catch (error) {
    if (!hasErrno(error, 'ENOENT', 'ENOTDIR')) throw error;
  }
}

/** Removes a container's state, the record first: a container with a record is always complete. */
export function removeStateDir(dir: string): void {
  removeFile(join(dir, STATE_FILE));
  unmountRestoreRoot(dir);
  removeDirectory(dir);
}
