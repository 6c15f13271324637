import { closeSync, fstatSync, openSync, statSync } from 'node:fs';
import type { NamespaceType } from '../config/names/namespace-types.ts';
import { hasErrno } from '../errors/syscall-error.ts';
import { connectToInit } from '../init/channel/connect-to-init.ts';
import { MAX_PACKET, type NamespacesMessage } from '../init/channel/protocol.ts';
import { decodeInitMessage } from '../init/channel/wire.ts';
import type { JoinedNamespace } from '../init/fork/join.ts';
import { isTrampoline } from '../init/trampoline/trampoline-name.ts';
import { receiveMessage } from '../syscalls/network/socket.ts';
import { NAMESPACES } from '../syscalls/task/namespaces.ts';

const TYPES = Object.keys(NAMESPACES) as NamespaceType[];

/** Paths to open in place of those of {@link NAMESPACES} below /proc/PID/ns. */
export type NamespaceFiles = Partial<Record<NamespaceType, string>>;

type OpenNamespace = [type: NamespaceType, fd: number];

/**
 * Opens the namespaces of init, process `pid`, that are not the runtime's own: entering one's own
 * user namespace is refused (setns(2)). The fds are the caller's to close.
 */
export function namespacesOfInit(
  pid: number,
  stateDir: string,
  files: NamespaceFiles = {},
): JoinedNamespace[] {
  return openAll(pid, stateDir, files).flatMap(([type, fd]) => {
    const configPath = `/proc/${pid}/ns/${NAMESPACES[type].file}`;
    if (!isOwn(type, fd)) return [{ flag: NAMESPACES[type].flag, configPath, fd }];
    closeSync(fd);
    return [];
  });
}

function openAll(pid: number, stateDir: string, files: NamespaceFiles): OpenNamespace[] {
  try {
    return openNamespaces((file, type) => openSync(files[type] ?? `/proc/${pid}/ns/${file}`, 'r'));
  } catch (error) {
    // A trampoline cannot be asked: it takes any packet for a start.
    if (!hasErrno(error, 'EACCES') || isTrampoline(pid)) throw error;
    return askInit(stateDir, error);
  }
}

/** Opens each namespace by `open`, except the types that the kernel lacks. */
export function openNamespaces(
  open: (file: string, type: NamespaceType) => number,
): OpenNamespace[] {
  const opened: OpenNamespace[] = [];
  try {
    for (const type of TYPES) {
      const fd = unlessMissing(() => open(NAMESPACES[type].file, type));
      if (fd !== undefined) opened.push([type, fd]);
    }
    return opened;
  } catch (error) {
    for (const [, fd] of opened) closeSync(fd);
    throw error;
  }
}

function unlessMissing(open: () => number): number | undefined {
  try {
    return open();
  } catch (error) {
    if (hasErrno(error, 'ENOENT')) return undefined;
    throw error;
  }
}

/** Asks init for the fds: protectInit keeps ordinary users from opening its /proc/PID/ns. */
function askInit(stateDir: string, refusal: unknown): OpenNamespace[] {
  let channel: ReturnType<typeof connectToInit>;
  try {
    channel = connectToInit(stateDir);
  } catch {
    throw refusal;
  }
  try {
    channel.send({ type: 'namespaces' });
    const { bytes, fds } = receiveMessage(channel.fd, MAX_PACKET, TYPES.length);
    if (bytes.length === 0) throw refusal;
    const { types } = decodeInitMessage(bytes) as NamespacesMessage;
    return types.map((type, index) => [type, fds[index]!]);
  } finally {
    channel.close();
  }
}

/** True where this process is in the namespace. */
export function isOwn(type: NamespaceType, fd: number): boolean {
  const theirs = fstatSync(fd);
  const own = statSync(`/proc/self/ns/${NAMESPACES[type].file}`);
  return theirs.ino === own.ino && theirs.dev === own.dev;
}
