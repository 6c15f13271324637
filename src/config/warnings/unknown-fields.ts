import { nearestName } from '../../errors/nearest-name.ts';
import { isObject } from '../is-object.ts';
import { formatPath, type Key, type Shape } from '../validate/checks/report.ts';

/**
 * Fields that davit ignores and does not warn of, because they are no misspellings: `$schema`,
 * which editors read, the sections of other platforms (config.md), and fields that runtime-spec 1.3
 * has dropped.
 */
const UNUSED: ReadonlySet<string> = new Set([
  '["$schema"]',
  'freebsd',
  'solaris',
  'vm',
  'windows',
  'zos',
  'process.commandLine',
  'process.user.username',
  'linux.intelRdt.enableCMT',
  'linux.intelRdt.enableMBM',
]);

/** The most fields that the warning lists. */
const SHOWN = 10;

/** One warning about the fields below `path` that `shape` does not have; none for an empty list. */
export function unknownFieldsWarning(value: unknown, shape: Shape, ...path: Key[]): string[] {
  const found: UnknownField[] = [];
  collect(value, shape, path, found);
  if (found.length === 0) return [];
  const shown = found.slice(0, SHOWN).map(describe);
  const more = found.length > SHOWN ? `, and ${found.length - SHOWN} more` : '';
  return [`ignoring unknown fields: ${shown.join(', ')}${more}`];
}

interface UnknownField {
  path: string;
  name: string;
  /** The fields that the object may have. */
  fields: object;
}

/** `path` is where `value` is; it is the same again afterwards. */
function collect(value: unknown, shape: Shape, path: Key[], found: UnknownField[]): void {
  const { fields = {}, item } = shape;
  if (!Array.isArray(value) && !isObject(value)) return;
  for (const key of Object.keys(value)) {
    const part = item ?? (Object.hasOwn(fields, key) ? fields[key] : undefined);
    path.push(Array.isArray(value) ? Number(key) : key);
    if (!part) note(path, fields, found);
    else if (hasParts(part)) collect(Reflect.get(value, key), part, path, found);
    path.pop();
  }
}

/** False for text and numbers, of which a seccomp profile has hundreds. */
const hasParts = ({ fields, item }: Shape): boolean =>
  fields !== undefined || (item !== undefined && hasParts(item));

function note(path: readonly Key[], fields: object, found: UnknownField[]): void {
  const text = formatPath(path);
  if (!UNUSED.has(text)) found.push({ path: text, name: String(path.at(-1)), fields });
}

function describe({ path, name, fields }: UnknownField): string {
  const nearest = nearestName(name, Object.keys(fields));
  return nearest ? `${path} (did you mean ${nearest}?)` : path;
}
