import { rmSync } from 'node:fs';
import { stringifyJson } from '../config/json.ts';
import { loadSpec } from '../config/load.ts';
import type { Process, Spec } from '../config/types.ts';
import { specShape } from '../config/validate/spec.ts';
import { parseUser } from '../process/exec-process.ts';
import type { Launch } from './operations.ts';
import type { ContainerOptions } from './options.ts';

interface LaunchOptions extends ContainerOptions {
  terminal?: object | undefined;
}

/**
 * The configuration that the options ask for, as JSON; undefined if it is the bundle's own. davit
 * checks it as it checks a config.json.
 */
export function launchConfig(options: LaunchOptions): string | undefined {
  const { bundle, spec, args, env, cwd, user, terminal } = options;
  if ([spec, args, env, cwd, user, terminal].every((option) => option === undefined))
    return undefined;
  const base: Spec = spec ?? loadSpec(bundle, undefined, specShape);
  const given: Partial<Process> = base.process ?? {};
  const process = {
    ...given,
    ...(terminal && { terminal: true }),
    ...(args && { args: [...args] }),
    ...(env && {
      env: [...(given.env ?? []).filter((it) => !isOneOf(env, it)), ...variables(env)],
    }),
    ...(cwd !== undefined && { cwd }),
    ...(user !== undefined && { user: { ...given.user, ...parseUser('user', user) } }),
  };
  return stringifyJson({ ...base, process });
}

const isOneOf = (env: Readonly<Record<string, string>>, variable: string): boolean =>
  Object.hasOwn(env, variable.slice(0, variable.indexOf('=')));

/** As environ(7) has them. */
export const variables = (env: Readonly<Record<string, string>>): string[] =>
  Object.entries(env).map(([name, value]) => `${name}=${value}`);

/** Removes the file of a configuration that was passed. */
export function removeConfig({ configFile }: Pick<Launch, 'configFile'>): void {
  if (configFile !== undefined) rmSync(configFile, { force: true });
}
