import { readFileSync } from 'node:fs';
import { create, fromBinary } from '@bufbuild/protobuf';
import type { Any } from '@bufbuild/protobuf/wkt';
import { parse } from 'smol-toml';
import { typeNameOf } from './any.ts';
import { type Options, OptionsSchema } from './protocol/options_pb.ts';
import { OptionsSchema as RuntimeOptionsSchema } from './protocol/runtime-options_pb.ts';
import { CODE, StatusError } from './ttrpc/status.ts';

/**
 * The options of a task: those of io.containerd.runc.v2, or the same as TOML. Throws StatusError for
 * others, and for a value of another type.
 */
export function readOptions(any: Any | undefined): Options {
  if (!any || any.typeUrl === '') return create(OptionsSchema);
  const name = typeNameOf(any);
  if (name === OptionsSchema.typeName) return fromBinary(OptionsSchema, any.value);
  if (name !== RuntimeOptionsSchema.typeName) {
    const known = `${OptionsSchema.typeName} or ${RuntimeOptionsSchema.typeName}`;
    throw new StatusError(CODE.invalidArgument, `options of type ${name}: expected ${known}`);
  }
  const { configPath, configBody } = fromBinary(RuntimeOptionsSchema, any.value);
  if (configPath) return fromToml(readFileSync(configPath, 'utf8'), configPath);
  return fromToml(Buffer.from(configBody).toString(), 'the options');
}

/** The names in containerd's config.toml. */
const FIELDS = new Map<string, keyof Options>([
  ['NoPivotRoot', 'noPivotRoot'],
  ['NoNewKeyring', 'noNewKeyring'],
  ['IoUid', 'ioUid'],
  ['IoGid', 'ioGid'],
  ['Root', 'root'],
  ['SystemdCgroup', 'systemdCgroup'],
]);

/** Options that have no meaning here are ignored, as by runc's shim. */
function fromToml(text: string, source: string): Options {
  const options = create(OptionsSchema);
  for (const [name, value] of Object.entries(parseToml(text, source))) {
    const field = FIELDS.get(name);
    if (!field) continue;
    const [given, expected] = [typeof value, typeof options[field]];
    if (given !== expected) {
      const problem = `${name}: ${JSON.stringify(value)}: expected a ${expected}`;
      throw new StatusError(CODE.invalidArgument, `${source}: ${problem}`);
    }
    Object.assign(options, { [field]: value });
  }
  return options;
}

function parseToml(text: string, source: string): Record<string, unknown> {
  try {
    return parse(text);
  } catch (error) {
    throw new StatusError(CODE.invalidArgument, `${source}: ${(error as Error).message}`);
  }
}
