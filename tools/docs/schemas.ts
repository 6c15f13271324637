import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Shape, ShapeParts } from '../../src/config/validate/checks/report.ts';
import { specShape } from '../../src/config/validate/spec.ts';
import { configFileShape } from '../../src/plugins/load/config-file.ts';
import { noteOf } from './fields-table.ts';

/*
 * `npm run generate` writes schemas/ from the shapes by which davit checks config.json and its own
 * configuration file. A schema accepts all that davit accepts. Rules between fields are not in it.
 */

const root = join(import.meta.dirname, '../..');

interface Schema {
  [keyword: string]: unknown;
}

/** By the path of the file. draft-07 is what editors know best. */
export const schemas: Readonly<Record<string, () => Schema>> = {
  [join(root, 'schemas/config.json')]: () =>
    page('config.json of runtime-spec 1.3 on Linux, as davit checks it', specShape, about),
  [join(root, 'schemas/davit.json')]: () =>
    page('The configuration file of davit', configFileShape, () => undefined),
};

/** The text of a schema's file. */
export const schemaText = (make: () => Schema): string => `${JSON.stringify(make(), null, 2)}\n`;

/** What to say of the field at a path, such as `mounts[].options`. */
type Describe = (path: string) => string | undefined;

const page = (title: string, shape: Shape, describe: Describe): Schema => ({
  $schema: 'http://json-schema.org/draft-07/schema#',
  title,
  ...schemaOf(shape, '', describe),
});

function schemaOf(shape: ShapeParts, path: string, describe: Describe): Schema {
  const { type, expected } = shape;
  const check = type === 'string' && expected ? `Expected: ${expected}.` : undefined;
  const description = [check, describe(path)].filter(Boolean).join(' ');
  const values = keywords(shape, path, describe);
  const schema = shape.or === undefined ? values : { anyOf: [{ const: shape.or }, values] };
  return description ? { description, ...schema } : schema;
}

function keywords(shape: ShapeParts, path: string, describe: Describe): Schema {
  const { type, names, range, item, fields, anyOf } = shape;
  if (anyOf) return { anyOf: anyOf.map((one) => schemaOf(one, path, () => undefined)) };
  if (type === undefined) return {};
  const isMap = type === 'object' && item;
  return {
    type,
    ...(names && { enum: names }),
    ...(range && { minimum: Number(range[0]), maximum: Number(range[1]) }),
    ...(type === 'number' && { exclusiveMinimum: 0 }),
    ...(type === 'array' && item && { items: schemaOf(item, `${path}[]`, describe) }),
    ...(isMap && { additionalProperties: schemaOf(item, `${path}.*`, describe) }),
    ...(fields && fieldKeywords(shape, path, describe)),
  };
}

function fieldKeywords(shape: ShapeParts, path: string, describe: Describe): Schema {
  const { fields = {}, required = [], byRule = [], closed } = shape;
  const properties = Object.entries(fields).map(([name, field]) => {
    const parts = byRule.includes(name) ? {} : field;
    return [name, schemaOf(parts, path ? `${path}.${name}` : name, describe)];
  });
  return {
    properties: Object.fromEntries(properties),
    ...(required.length > 0 && { required }),
    ...(closed && { additionalProperties: false }),
  };
}

/** What the reference says of a field of config.json. */
function about(path: string): string | undefined {
  if (path === '' || /[\]*]$/.test(path)) return undefined;
  const { since = '1.0.0', stages = [] } = noteOf(path);
  const applied = stages.length > 0 ? ` Applied by ${stages.join(', ')}.` : '';
  return `Since runtime-spec ${since}.${applied}`;
}

if (import.meta.main) {
  for (const [file, make] of Object.entries(schemas)) writeFileSync(file, schemaText(make));
}
