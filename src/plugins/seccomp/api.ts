import { join } from 'node:path';
import type { SeccompArch } from '../../config/names/seccomp-archs.ts';
import { NATIVE_ARCHITECTURES, syscallNames } from '../../seccomp/syscall-names.ts';

export type { SeccompArch } from '../../config/names/seccomp-archs.ts';
export type { ContainerProcessState, Seccomp, SeccompSyscall } from '../../config/types.ts';
export { SeccompAgent, type SeccompAgentOptions } from './agent.ts';
export type { SeccompCall } from './call.ts';

/** Architectures whose programs this machine can run; its own comes first. */
export const nativeArchitectures = (): readonly SeccompArch[] =>
  NATIVE_ARCHITECTURES[process.arch] ?? [];

/** The names of all system calls of {@link nativeArchitectures}, sorted. */
export const nativeSyscalls = (): string[] =>
  [...new Set(nativeArchitectures().flatMap(syscallNames))].sort();

/**
 * Arguments for Node to run a plugin's module as an agent in its own process. The module can import
 * what plugins can: `spawn(process.execPath, agentArguments(file, …), { detached: true })`.
 */
export function agentArguments(file: string, ...more: string[]): string[] {
  const source = import.meta.filename.endsWith('.ts');
  const program = join(import.meta.dirname, source ? '../run-module.ts' : 'run-module.js');
  return ['--no-warnings', program, file, ...more];
}
