import { RuntimeError } from '../errors/runtime-error.ts';

/** In the environment of the command that takes a hung one's place: its pid, which it keeps, and whose function it was. */
export const HUNG_PLUGIN = 'DAVIT_HUNG_PLUGIN';

/** What the command hung in that this process was before; once. */
export function hungPlugin(environment: NodeJS.ProcessEnv): RuntimeError | undefined {
  const [, pid, message] = /^(\d+) (.*?) *$/.exec(environment[HUNG_PLUGIN] ?? '') ?? [];
  delete environment[HUNG_PLUGIN];
  return pid === String(process.pid) ? new RuntimeError(message!) : undefined;
}
