import { existsSync, readFileSync, renameSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { ContainerProcessState, Seccomp } from 'davit/plugin';
import { SeccompAgent, type SeccompArch } from 'davit/seccomp';
import { recordedProfile } from './recorded-profile.ts';
import { CREATED, FAILURE, type RecorderOptions } from './recorder-options.ts';

/*
 * The seccomp agent of one container: a separate process that lets every call go on and records its
 * name. The argument is the directory for the socket.
 */

const directory = process.argv[2]!;
const runtime = process.ppid;
const order = JSON.parse(readFileSync(0, 'utf8')) as RecorderOptions;
const agent = new SeccompAgent(join(directory, 'socket'), { abandoned });
writeSync(1, 'ready\n');
try {
  const { names, architectures } = record(agent);
  if (names.size > 0) write(names, architectures);
  rmSync(directory, { recursive: true });
} catch (error) {
  writeFileSync(join(directory, FAILURE), (error as Error).message);
}

/** The runtime ended without making a container, or the container ended without being started. */
function abandoned(): boolean {
  const runtimeEnded = process.ppid !== runtime;
  const created = join(directory, CREATED);
  if (!existsSync(created)) return runtimeEnded;
  return !existsSync(`/proc/${readFileSync(created, 'utf8')}`);
}

function record(agent: SeccompAgent) {
  const names = new Set<string>();
  const architectures = new Set<SeccompArch>();
  const known = new WeakSet<ContainerProcessState>();
  for (const { name, arch, container, proceed } of agent.calls()) {
    proceed();
    const isRuntimes = order.filterComesLast && !known.has(container);
    known.add(container);
    if (isRuntimes || !name || !arch) continue;
    names.add(name);
    architectures.add(arch);
  }
  agent.close();
  return { names, architectures };
}

function write(names: Set<string>, architectures: Set<SeccompArch>): void {
  const { output, base } = order;
  for (const name of order.include) names.add(name);
  if (order.merge) {
    const earlier = readProfile(output);
    for (const rule of earlier?.syscalls ?? []) {
      if (rule.action === 'SCMP_ACT_ALLOW') for (const name of rule.names) names.add(name);
    }
    for (const arch of earlier?.architectures ?? []) architectures.add(arch);
  }
  const draft = `${output}.${process.pid}`;
  try {
    writeFileSync(
      draft,
      `${JSON.stringify(recordedProfile({ names, architectures }, base), null, 2)}\n`,
      { flag: 'wx' },
    );
    renameSync(draft, output);
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  }
}

function readProfile(path: string): Seccomp | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
