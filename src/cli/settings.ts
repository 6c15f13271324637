import { openSync } from 'node:fs';
import { userManagerOwner } from '../cgroups/systemd/owner.ts';
import { CGROUP_MANAGERS, type CgroupManager } from '../config/names/cgroup-managers.ts';
import { parseAddress } from '../embedding/link/address.ts';
import { DavitEnd } from '../embedding/link/davit-end.ts';
import { isRootless } from '../syscalls/task/user-namespace.ts';
import { type Argv, parseBoolean } from './argv.ts';
import { callersPath, type Invocation, LeftToCaller } from './invocation.ts';
import { LOG_LEVELS, Log, type LogFormat, type LogLevel } from './output/log.ts';
import { defaultRoot, givenRoot } from './root-directory.ts';
import { UsageError } from './usage-error.ts';
import { parseDuration } from './values/duration.ts';

/** The values of davit's global flags, for every command. */
export interface Settings {
  /** Absolute directory of all containers' state. Throws if the caller has no safe one. */
  readonly root: string;
  /** True when --root was given. */
  rootGiven: boolean;
  cgroupManager: CgroupManager;
  /** Paths or packages, in the order given. */
  plugins: readonly string[];
  /** Milliseconds that a plugin may take, if --plugin-timeout was given. */
  pluginTimeout: number | undefined;
  log: Log;
  /** The program that has started davit and carries out its calls, if one has. */
  program: DavitEnd | undefined;
  /** Whether to ignore cgroup errors that come from missing permission. */
  rootless(): Promise<boolean>;
}

/** Reads the global flags and opens the log. Throws {@link UsageError}, or the error of open(2). */
export function readSettings(flags: Argv['flags'], invocation: Invocation): Settings {
  const value = (name: string): string | undefined => flags.get(name)?.[0];
  const log = openLog(value, invocation);
  const rootless = value('rootless') ?? 'auto';
  const cgroupManager = readManager(value);
  const embeddedBy = value('embedded-by');
  const root = givenRoot(value('root'), invocation);
  return {
    // Commands that need no state do not fail for want of a place for it.
    get root() {
      return root ?? defaultRoot(invocation);
    },
    rootGiven: flags.has('root'),
    cgroupManager,
    plugins: flags.get('plugin') ?? [],
    pluginTimeout: readTimeout(value('plugin-timeout')),
    log,
    program: embeddedBy === undefined ? undefined : new DavitEnd(parseAddress(embeddedBy)),
    async rootless() {
      if (!/^(auto)?$/i.test(rootless)) return parseBoolean(rootless, 'rootless');
      return isRootless() && !(cgroupManager === 'systemd' && (await ownsSystemd(invocation)));
    },
  };
}

function readTimeout(given: string | undefined): number | undefined {
  if (given === undefined) return undefined;
  const timeout = parseDuration(given);
  if (timeout !== undefined && timeout >= 1) return timeout;
  throw new UsageError(
    `invalid plugin-timeout: ${JSON.stringify(given)}: expected a duration of 1ms or more, as 20s`,
  );
}

/** Root of a user namespace may have its own systemd, as in a container that runs one. */
async function ownsSystemd({ environment, process: own }: Invocation): Promise<boolean> {
  if (process.geteuid!() !== 0) return false;
  if (!own) throw new LeftToCaller('its user namespace may have a systemd of its own');
  return (await userManagerOwner(environment)) === 0;
}

/** The cgroup manager from crun's flag or runc's. */
function readManager(value: (name: string) => string | undefined): CgroupManager {
  const given = value('cgroup-manager');
  if (given === undefined) return value('systemd-cgroup') === 'true' ? 'systemd' : 'cgroupfs';
  const manager = CGROUP_MANAGERS.find((name) => name === given);
  if (manager) return manager;
  const expected = CGROUP_MANAGERS.join(', ');
  throw new UsageError(`invalid cgroup-manager: ${JSON.stringify(given)} is none of ${expected}`);
}

function openLog(value: (name: string) => string | undefined, invocation: Invocation): Log {
  const format = value('log-format') || 'text';
  if (format !== 'text' && format !== 'json') {
    throw new UsageError(`invalid log-format: ${format}`);
  }
  const file = logFile(value('log') ?? '');
  const level = value('debug') === 'true' ? 'debug' : logLevel(value('log-level') ?? 'warning');
  return new Log({
    file: file === '' ? undefined : openLogFile(file, invocation),
    stderr: invocation.stderr,
    format: format satisfies LogFormat,
    level,
  });
}

/** crun's --log takes `file:PATH`, and names of other backends, which davit does not have. */
function logFile(given: string): string {
  const [backend] = ['journald:', 'syslog:'].filter((prefix) => given.startsWith(prefix));
  if (backend) throw new UsageError(`invalid log: ${given}: expected the path of a file`);
  return given.startsWith('file:') ? given.slice('file:'.length) : given;
}

function openLogFile(file: string, invocation: Invocation): number {
  const path = callersPath(invocation, file);
  return invocation.creating(path, () => openSync(path, 'as', 0o644));
}

/** youki's further names for levels. */
const LEVELS_OF_YOUKI: Readonly<Record<string, LogLevel>> = {
  trace: 'debug',
  info: 'warning',
  warn: 'warning',
};

function logLevel(given: string): LogLevel {
  const level = LOG_LEVELS.find((name) => name === given);
  if (level) return level;
  if (Object.hasOwn(LEVELS_OF_YOUKI, given)) return LEVELS_OF_YOUKI[given]!;
  throw new UsageError(`invalid log-level: ${given} is none of ${LOG_LEVELS.join(', ')}`);
}
