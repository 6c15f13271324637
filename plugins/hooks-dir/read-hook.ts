import { statSync } from 'node:fs';
import { HOOK_NAMES, type Hook, type HookName } from 'davit/plugin';
import { type Condition, readOldWhen, readWhen } from './conditions.ts';
import { Fields } from './fields.ts';

/** A hook, and the condition for containers that get it. */
export interface ConditionalHook {
  hook: Hook;
  stages: HookName[];
  matches: Condition;
}

/** Reads a file of either schema. Without a version it is 0.1.0. Errors name the field. */
export function readHook(json: unknown): ConditionalHook {
  const file = new Fields(json);
  const version = file.text('version') ?? '0.1.0';
  if (version === '1.0.0') return readCurrent(file);
  if (version === '0.1.0') return readOld(file);
  throw new Error(`version: ${version}: expected 1.0.0 or 0.1.0`);
}

function readCurrent(file: Fields): ConditionalHook {
  file.expect(['version', 'hook', 'when', 'stages']);
  const entry = file.object('hook')!;
  entry.expect(['path'], ['args', 'env', 'timeout']);
  const stages = stagesOf(file, 'stages');
  const args = entry.texts('args');
  const env = entry.texts('env');
  const timeout = entry.number('timeout');
  env?.forEach((variable, i) => {
    if (!/^[^=]+=/.test(variable)) {
      throw new Error(`hook.env[${i}]: ${variable}: expected NAME=VALUE`);
    }
  });
  if (timeout !== undefined && timeout <= 0) {
    throw new Error(`hook.timeout: ${timeout}: expected more than 0 seconds`);
  }
  const hook = {
    path: program(entry, 'path', stages),
    ...(args && { args }),
    ...(env && { env }),
    ...(timeout && { timeout }),
  };
  return { hook, stages, matches: readWhen(file.object('when')!) };
}

/** Each of the lists may be named in the singular. */
function readOld(file: Fields): ConditionalHook {
  const lists = ['stage', 'cmd', 'annotation'];
  const names = lists.flatMap((name) => [name, `${name}s`]);
  file.expect(['hook'], ['version', 'arguments', 'hasbindmounts', ...names]);
  for (const name of lists) {
    if (file.has(name) && file.has(`${name}s`))
      throw new Error(`${name}: the file has ${name}s as well`);
  }
  const stages = stagesOf(file, file.has('stage') ? 'stage' : 'stages');
  const path = program(file, 'hook', stages);
  const args = [path, ...(file.texts('arguments') ?? [])];
  return { hook: { path, args }, stages, matches: readOldWhen(file) };
}

function stagesOf(file: Fields, name: string): HookName[] {
  const stages = file.texts(name) ?? [];
  if (stages.length === 0) throw new Error(`${name}: expected a stage`);
  for (const [i, stage] of stages.entries()) {
    if (HOOK_NAMES.includes(stage as HookName)) continue;
    throw new Error(`${name}[${i}]: ${stage}: expected one of ${HOOK_NAMES.join(', ')}`);
  }
  return stages as HookName[];
}

/** startContainer hooks are files of the container. The others must exist on the host. */
function program(fields: Fields, name: string, stages: readonly HookName[]): string {
  const path = fields.text(name)!;
  const place = fields.at(name);
  if (!path.startsWith('/')) throw new Error(`${place}: ${path}: expected an absolute path`);
  const onHost = stages.some((stage) => stage !== 'startContainer');
  if (onHost && !statSync(path, { throwIfNoEntry: false })?.isFile()) {
    throw new Error(`${place}: ${path}: no such file`);
  }
  return path;
}
