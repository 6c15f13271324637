import type { InitContext } from '../../context/init-context.ts';
import { atField } from '../../errors/stage-error.ts';
import { findExecutable } from '../../process/executable.ts';

/** Finds process.args[0], as its user and in its environment: `create` fails early, not `start`. */
export function findProgram(ctx: InitContext): void {
  const name = ctx.program ?? ctx.process.args?.[0] ?? '';
  ctx.executable = atField('process.args[0]', () => findExecutable(name, ctx.environment));
}
