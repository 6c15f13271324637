import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename } from 'node:path';
import type { TestContext } from 'node:test';
import { type Cgroup, directoryOf } from '../../../src/cgroups/cgroup.ts';
import { openCgroup } from '../../../src/cgroups/open.ts';
import { V2Cgroup } from '../../../src/cgroups/v2/driver.ts';

let count = 0;

/** A unique name for a cgroup, by which leftovers of the run are found. */
export const uniqueName = (): string => `${basename(tmpdir())}-${process.pid}-${count++}`;

/** A container's cgroup on this machine. It is removed after the test in every case. */
export function testCgroup(t: TestContext, path = `/${uniqueName()}`): Cgroup {
  const cgroup = openCgroup({ id: 'unused', cgroupsPath: path, rootless: false });
  t.after(() => cleanUp(cgroup));
  return cgroup;
}

/**
 * A cgroup in the machine's unified hierarchy, which has no controllers: a real one for tests that
 * need none.
 */
export const UNIFIED = '/sys/fs/cgroup/unified';

export function testV2Cgroup(t: TestContext, path = `/${uniqueName()}`): V2Cgroup {
  const hierarchy = { controllers: [], version: 2 as const, mountpoint: UNIFIED, path };
  const cgroup = new V2Cgroup(hierarchy, { rootless: false, placeAsked: true });
  t.after(() => cleanUp(cgroup));
  return cgroup;
}

function cleanUp(cgroup: Cgroup): void {
  if (cgroup.hierarchies.some((hierarchy) => existsSync(directoryOf(hierarchy)))) cgroup.killAll();
  cgroup.destroy();
}

/** The container's directory in the hierarchy of a controller; '' is the unified one. */
export function directory(cgroup: Cgroup, controller: string): string {
  const found = cgroup.hierarchies.find(({ controllers }) =>
    controller === '' ? controllers.length === 0 : controllers.includes(controller),
  );
  if (found === undefined) throw new Error(`no hierarchy for ${controller}`);
  return directoryOf(found);
}

/** Reads a file of a controller. */
export const contents = (cgroup: Cgroup, controller: string, file: string): string =>
  readFileSync(`${directory(cgroup, controller)}/${file}`, 'utf8').trim();

/** A process that runs `script` once it is attached. It is killed after the test. */
export async function testProcess(
  t: TestContext,
  command = 'exec sleep 60',
): Promise<ChildProcess> {
  const script = `read -r attached; ${command}`;
  const child = spawn('sh', ['-c', script], { stdio: ['pipe', 'ignore', 'ignore'] });
  t.after(() => child.kill('SIGKILL'));
  await once(child, 'spawn');
  return child;
}

/** Moves a process into every hierarchy of a cgroup, and lets it continue. */
export function attach({ hierarchies }: Cgroup, { pid, stdin }: ChildProcess): void {
  for (const hierarchy of hierarchies) {
    writeFileSync(`${directoryOf(hierarchy)}/cgroup.procs`, String(pid));
  }
  stdin!.end('\n');
}

/** The cgroups of a process by their hierarchy's controllers, from /proc/PID/cgroup. */
export const cgroupsOf = (pid: number): Map<string, string> =>
  parseCgroups(readFileSync(`/proc/${pid}/cgroup`, 'utf8'));

export const parseCgroups = (text: string): Map<string, string> =>
  new Map(
    text
      .trim()
      .split('\n')
      .map((line) => line.split(':').slice(1) as [string, string]),
  );
