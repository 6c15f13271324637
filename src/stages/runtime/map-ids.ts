import { readFileSync, writeFileSync } from 'node:fs';
import type { LinuxIDMapping } from '../../config/types.ts';
import { atField } from '../../errors/stage-error.ts';
import { failedWith } from '../../errors/syscall-error.ts';
import type { Launch, RuntimeContext } from '../../lifecycle/context.ts';

/** True when the container gets a user namespace of its own making. */
export const createsUserNamespace = ({ spec }: Launch): boolean =>
  spec.linux?.namespaces?.some(({ type, path }) => type === 'user' && !path) ?? false;

/** Writes init's uid and gid maps (user_namespaces(7)). */
export function mapIds({ init, spec, rootless }: RuntimeContext): void {
  const { uidMappings = [], gidMappings = [] } = spec.linux ?? {};
  const proc = `/proc/${init!.pid}`;
  // An unprivileged process may write a gid map only once setgroups(2) is given up.
  if (rootless && !mayMapFreely()) denySetgroups(proc);
  atField('linux.uidMappings', () =>
    writeMap(`${proc}/uid_map`, 'newuidmap', init!.pid, uidMappings),
  );
  atField('linux.gidMappings', () =>
    writeMap(`${proc}/gid_map`, 'newgidmap', init!.pid, gidMappings),
  );
}

const mayMapFreely = (): boolean => process.geteuid!() === 0;

function denySetgroups(proc: string): void {
  try {
    writeFileSync(`${proc}/setgroups`, 'deny');
  } catch (error) {
    if (!failedWith(error, 'ENOENT')) throw error;
  }
}

function writeMap(
  file: string,
  _tool: string,
  _pid: number,
  mappings: readonly LinuxIDMapping[],
): void {
  const map = mappings.map((m) => `${m.containerID} ${m.hostID} ${m.size}\n`).join('');
  try {
    writeFileSync(file, map);
  } catch (error) {
    const shown = map.trim().replaceAll('\n', ', ');
    throw Object.assign(new Error(`write ${shown} to ${file}: ${(error as Error).message}`), {
      code: (error as NodeJS.ErrnoException).code,
      syscall: 'write',
    });
  }
  if (readFileSync(file).length === 0) throw new Error(`${file} stayed empty`);
}
