import type { ExecCPUAffinity, Process } from '../../config/types.ts';
import type { InitContext } from '../../context/init-context.ts';
import { atField } from '../../errors/stage-error.ts';
import { idMask } from '../../syscalls/task/id-mask.ts';
import { schedSetaffinity } from '../../syscalls/task/sched.ts';

/** More CPUs than any kernel has (CONFIG_NR_CPUS is at most 8192): the kernel ignores the rest. */
const ALL_CPUS = new Uint8Array(1024).fill(0xff);

/** For `exec`, before its process enters the cgroup: sets process.execCPUAffinity.initial. */
export function setInitialCpuAffinity({ process }: InitContext): void {
  applyAffinity(process, 'initial');
}

/** In the cgroup: sets process.execCPUAffinity.final; without execCPUAffinity, all CPUs. */
export function setFinalCpuAffinity({ process }: InitContext): void {
  const { initial, final } = process.execCPUAffinity ?? {};
  if (initial || final) applyAffinity(process, 'final');
  else resetCpuAffinity();
}

/** Lets the calling thread run on every CPU of its cgroup, whatever davit's caller was bound to. */
export function resetCpuAffinity(): void {
  try {
    schedSetaffinity(0, ALL_CPUS);
  } catch {
    // As in runc: an affinity that cannot be widened stays as inherited.
  }
}

/** Binds the calling thread to one of the two lists; an absent one changes nothing. */
export function applyAffinity(process: Process, phase: keyof ExecCPUAffinity): void {
  const list = process.execCPUAffinity?.[phase];
  if (list) atField(`process.execCPUAffinity.${phase}`, () => schedSetaffinity(0, idMask(list)));
}
