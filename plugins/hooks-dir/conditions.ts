import { extendedRegExp } from './extended-reg-exp.ts';
import type { Fields } from './fields.ts';

/** The properties of a container that conditions test. */
export interface Container {
  /** process.args[0]. */
  command: string | undefined;
  annotations: Readonly<Record<string, string>>;
  hasBindMounts: boolean;
}

export type Condition = (container: Container) => boolean;

/** `when` of schema 1.0.0: all conditions must be met. */
export function readWhen(when: Fields): Condition {
  when.expect([], ['always', 'annotations', 'commands', 'hasBindMounts']);
  if (when.names.length === 0) throw new Error('when: expected a condition');
  const conditions: Condition[] = [];
  for (const name of ['always', 'hasBindMounts'] as const) {
    const value = when.boolean(name);
    if (value === undefined) continue;
    conditions.push(({ hasBindMounts }) => value && (name === 'always' || hasBindMounts));
  }
  const annotations = when.object('annotations');
  for (const key of annotations?.names ?? []) {
    const place = annotations!.at(key);
    conditions.push(
      annotated(extendedRegExp(key, place), extendedRegExp(annotations!.text(key)!, place)),
    );
  }
  if (when.has('commands')) conditions.push(commanded(when, 'commands'));
  return (container) => conditions.every((condition) => condition(container));
}

/**
 * Schema 0.1.0 has the conditions next to `hook`: one of them must be met. Their names are singular
 * or plural.
 */
export function readOldWhen(file: Fields): Condition {
  const conditions: Condition[] = [];
  if (file.boolean('hasbindmounts')) conditions.push(({ hasBindMounts }) => hasBindMounts);
  for (const name of ['cmd', 'cmds']) {
    if (file.has(name)) conditions.push(commanded(file, name));
  }
  for (const name of ['annotation', 'annotations']) {
    const values = (file.texts(name) ?? []).map((text, i) => extendedRegExp(text, `${name}[${i}]`));
    conditions.push(...values.map((value) => annotated(/^/, value)));
  }
  return (container) => conditions.some((condition) => condition(container));
}

function commanded(fields: Fields, name: string): Condition {
  const patterns = fields
    .texts(name)!
    .map((text, i) => extendedRegExp(text, `${fields.at(name)}[${i}]`));
  return ({ command }) =>
    command !== undefined && patterns.some((pattern) => pattern.test(command));
}

const annotated =
  (key: RegExp, value: RegExp): Condition =>
  ({ annotations }) =>
    Object.entries(annotations).some(([name, text]) => key.test(name) && value.test(text));
