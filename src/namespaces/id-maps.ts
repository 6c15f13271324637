import { closeSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import type { IDMapping } from '../config/types.ts';
import { atPath } from '../errors/node-error.ts';
import { RuntimeError } from '../errors/runtime-error.ts';
import { atField } from '../errors/stage-error.ts';
import { hasErrno } from '../errors/syscall-error.ts';
import { pipe2 } from '../syscalls/files/pipe.ts';
import { waitpid } from '../syscalls/task/process.ts';
import { spawn } from '../syscalls/task/spawn.ts';

/** The ids of a user namespace, as linux.uidMappings and linux.gidMappings. */
export interface IdMaps {
  uidMappings: readonly IDMapping[];
  gidMappings: readonly IDMapping[];
}

/**
 * Writes the uid and gid maps of the user namespace that process `pid` has just made
 * (user_namespaces(7)). Without privileges the kernel accepts only a map of the caller's own id:
 * newuidmap(1) and newgidmap(1) write any other.
 */
export function writeIdMaps(pid: number, { uidMappings, gidMappings }: IdMaps): void {
  const privileged = process.geteuid!() === 0;
  const ownIds =
    !privileged &&
    isOwnId(uidMappings, process.geteuid!()) &&
    isOwnId(gidMappings, process.getegid!());
  // The kernel lets an unprivileged process map its group only once setgroups(2) is given up.
  if (ownIds) denySetgroups(`/proc/${pid}/setgroups`);
  const byTool = !privileged && !ownIds;
  atField('linux.uidMappings', () => writeMap(pid, 'uid', uidMappings, byTool));
  atField('linux.gidMappings', () => writeMap(pid, 'gid', gidMappings, byTool));
}

const denySetgroups = (file: string): void => atPath(file, () => writeFileSync(file, 'deny'));

const isOwnId = (mappings: readonly IDMapping[], id: number): boolean =>
  mappings.length === 1 && mappings[0]!.hostID === id && mappings[0]!.size === 1;

function writeMap(
  pid: number,
  kind: 'uid' | 'gid',
  mappings: readonly IDMapping[],
  byTool: boolean,
): void {
  if (byTool) {
    runTool(pid, kind, mappings);
    return;
  }
  const file = `/proc/${pid}/${kind}_map`;
  const map = mappings.map((m) => `${m.containerID} ${m.hostID} ${m.size}`);
  try {
    writeFileSync(file, `${map.join('\n')}\n`);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const reason = message.replace(/, write$/, '');
    throw Object.assign(
      new Error(`write ${JSON.stringify(map.join(', '))} to ${file}: ${reason}`),
      {
        code,
        syscall: 'write',
      },
    );
  }
}

function runTool(pid: number, kind: 'uid' | 'gid', mappings: readonly IDMapping[]): void {
  const tool = `new${kind}map`;
  const ids = mappings.flatMap((m) => [m.containerID, m.hostID, m.size].map(String));
  const { status, said } = execute(tool, [tool, String(pid), ...ids]);
  if (status === 0) return;
  throw new RuntimeError(
    `${tool} ${pid} ${ids.join(' ')}: exit status ${status}: ${said}: expected ranges that /etc/sub${kind} gives this user`,
    'root can give you ranges: usermod --add-subuids 100000-165535 --add-subgids 100000-165535 USER',
  );
}

/** Runs the tool; `said` is its standard error. */
function execute(tool: string, argv: string[]): { status: number | undefined; said: string } {
  const [output, outputEnd] = pipe2();
  let child: number;
  try {
    child = spawnTool(tool, argv, outputEnd);
  } catch (error) {
    closeSync(output);
    throw error;
  } finally {
    closeSync(outputEnd);
  }
  const said = readFileSync(output, 'utf8').trim();
  closeSync(output);
  return { status: waitpid(child), said };
}

const TOOL_DIRECTORIES = ['/usr/bin', '/bin', '/usr/sbin', '/usr/local/bin'];

/** True where an ordinary user can map more than its own id. */
export const hasMapTools = (): boolean =>
  ['newuidmap', 'newgidmap'].every((tool) =>
    TOOL_DIRECTORIES.some((directory) => existsSync(`${directory}/${tool}`)),
  );

function spawnTool(tool: string, argv: string[], stderr: number): number {
  for (const directory of TOOL_DIRECTORIES) {
    try {
      return spawn({
        path: `${directory}/${tool}`,
        argv,
        // newuidmap and newgidmap gain privileges by exec, and need nothing of the environment.
        env: [],
        fds: [[stderr, 2]],
      });
    } catch (error) {
      if (!hasErrno(error, 'ENOENT')) throw error;
    }
  }
  const message = `${tool} is not installed: an unprivileged user needs it to map more than its own id`;
  const hint = 'install it: package uidmap, or shadow-utils';
  throw Object.assign(new RuntimeError(message, hint), { code: 'ENOENT', syscall: 'execve' });
}
