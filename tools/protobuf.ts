import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

/*
 * `npm run generate:protobuf`: writes `NAME_pb.ts` beside each `NAME.proto` below src. The
 * generated files are committed, so a build needs neither the compiler nor a network.
 *
 * The .proto files declare enumerations as int32. Both have the same encoding, and Node cannot
 * strip the types of a TypeScript enumeration.
 */

const COMPILER = '@bufbuild/buf@1.75.0';
/** Must have the version of @bufbuild/protobuf in package.json. */
const GENERATOR = '@bufbuild/protoc-gen-es@2.17.0';

const template = {
  version: 'v2',
  plugins: [{ local: 'protoc-gen-es', out: 'src', opt: ['target=ts', 'import_extension=ts'] }],
};

execFileSync(
  'npm',
  [
    ...['exec', '--yes', `--package=${COMPILER}`, `--package=${GENERATOR}`, '--'],
    ...['buf', 'generate', 'src', '--template', JSON.stringify(template)],
  ],
  { cwd: join(import.meta.dirname, '..'), stdio: 'inherit' },
);
