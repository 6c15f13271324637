import { RuntimeError } from '../../errors/runtime-error.ts';

/** How containerd calls a shim. */
export interface ShimArguments {
  /** `start`, `delete`; empty with -v and -info. */
  verb: string;
  namespace: string;
  /** The container's id. */
  id: string;
  /** containerd's socket. */
  address: string;
  /** A program that publishes events. */
  publishBinary: string;
  /** The directory of the bundle: for `delete`. */
  bundle: string;
  version: boolean;
  info: boolean;
}

const TEXTS = new Map<string, keyof ShimArguments>([
  ['namespace', 'namespace'],
  ['id', 'id'],
  ['address', 'address'],
  ['publish-binary', 'publishBinary'],
  ['bundle', 'bundle'],
]);
/** Flags whose values mean nothing to davit. */
const IGNORED = ['socket', 'debug-socket'];
const SWITCHES = new Map<string, keyof ShimArguments | undefined>([
  ['v', 'version'],
  ['version', 'version'],
  ['info', 'info'],
  ['debug', undefined],
]);

/** Reads flags as Go's package flag does: `-name value`, `--name=value`, then the verb. */
export function parseArguments(words: readonly string[]): ShimArguments {
  const none = { verb: '', namespace: '', id: '', address: '', publishBinary: '', bundle: '' };
  const parsed: ShimArguments = { ...none, version: false, info: false };
  const left = [...words];
  for (let word = left.shift(); word !== undefined; word = left.shift()) {
    const [, name, inline] = /^--?([a-z-]+)(?:=(.*))?$/s.exec(word) ?? [];
    if (name === undefined) return { ...parsed, verb: word };
    if (SWITCHES.has(name)) {
      const field = SWITCHES.get(name);
      if (field) Object.assign(parsed, { [field]: true });
      continue;
    }
    const field = TEXTS.get(name);
    if (!field && !IGNORED.includes(name)) throw new RuntimeError(`unknown flag ${word}`);
    const value = inline ?? left.shift();
    if (value === undefined) throw new RuntimeError(`${word}: expected a value`);
    if (field) Object.assign(parsed, { [field]: value });
  }
  return parsed;
}
