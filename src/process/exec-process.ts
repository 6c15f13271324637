import type { Capabilities, Process } from '../config/types.ts';
import { validateProcess } from '../config/validate/process.ts';
import { ConfigError } from '../errors/config-error.ts';
import { RuntimeError } from '../errors/runtime-error.ts';

/** What `exec`'s flags change of the container's own process. */
export interface ExecProcessOptions {
  args: readonly string[];
  cwd?: string;
  /** `NAME=value`, added to the container's. */
  env: readonly string[];
  tty: boolean;
  /** `uid[:gid]`. */
  user?: string;
  additionalGids: readonly number[];
  processLabel?: string;
  apparmor?: string;
  noNewPrivs?: boolean;
  caps: readonly string[];
}

/** The process that `exec` runs: the container's own with the changes asked for. */
export function execProcess(options: ExecProcessOptions, container: Process): Process {
  if (options.args.length === 0) throw new RuntimeError('exec args cannot be empty');
  const program: Process = {
    ...container,
    args: [...options.args],
    env: [...(container.env ?? []), ...options.env],
    terminal: options.tty,
    user: userOf(options, container.user),
  };
  if (options.cwd) program.cwd = options.cwd;
  if (options.apparmor) program.apparmorProfile = options.apparmor;
  if (options.processLabel) program.selinuxLabel = options.processLabel;
  if (options.noNewPrivs !== undefined) program.noNewPrivileges = options.noNewPrivs;
  if (options.caps.length > 0) program.capabilities = addCaps(container.capabilities, options.caps);
  const problems = validateProcess(program);
  if (problems.length > 0) throw new ConfigError(problems, 'exec');
  return program;
}

function userOf(
  { user, additionalGids }: ExecProcessOptions,
  container: Process['user'],
): Process['user'] {
  const groups = [...(container.additionalGids ?? []), ...additionalGids];
  const result = { ...container, ...(groups.length > 0 ? { additionalGids: groups } : {}) };
  return user === undefined ? result : { ...result, ...parseUser('--user', user) };
}

/** Reads `uid[:gid]`. `option` names it in errors. */
export function parseUser(
  option: string,
  text: string,
): Pick<Process['user'], 'uid'> & { gid?: number } {
  const [uid, gid] = text.split(':', 2);
  return {
    uid: parseId(option, 'uid', uid!),
    ...(gid !== undefined && { gid: parseId(option, 'gid', gid) }),
  };
}

function parseId(option: string, kind: string, text: string): number {
  const id = Number(text);
  if (/^\d+$/.test(text) && id < 2 ** 32 - 1) return id;
  throw new RuntimeError(
    `bad ${kind}: ${option}: ${JSON.stringify(text)}: expected a number from 0 to 4294967294`,
  );
}

/**
 * Adds `caps`, never as inheritable (CVE-2022-29162); as ambient only where `sets` has inheritable.
 */
function addCaps(sets: Capabilities | undefined, caps: readonly string[]): Capabilities {
  const add = (set: string[] | undefined): string[] => [...new Set([...(set ?? []), ...caps])];
  return {
    ...sets,
    bounding: add(sets?.bounding),
    effective: add(sets?.effective),
    permitted: add(sets?.permitted),
    ...(sets?.inheritable ? { ambient: add(sets.ambient) } : {}),
  };
}
