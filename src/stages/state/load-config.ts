import { loadSpec } from '../../config/load.ts';
import type { Spec } from '../../config/types.ts';
import { specShape } from '../../config/validate/spec.ts';
import type { ConfiguredContext, LaunchContext } from '../../context/context.ts';
import { RuntimeError } from '../../errors/runtime-error.ts';

/** Reads the bundle's configuration. Nothing may trust it before validateConfig. */
export function loadConfig(ctx: LaunchContext): Pick<ConfiguredContext, 'spec'> {
  const spec = loadSpec(ctx.bundle, ctx.options.configFile, specShape);
  if (ctx.startsProgram) requireProcess(spec);
  if (spec.annotations) ctx.describe(spec.annotations);
  return { spec };
}

/** A container can be created without a process, but not started: config.md, "Process". */
export function requireProcess({ process }: Spec): void {
  if (!process) throw new RuntimeError('process property must not be empty');
}
