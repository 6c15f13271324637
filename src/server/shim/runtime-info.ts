import { create, toBinary } from '@bufbuild/protobuf';
import { features } from '../../config/features.ts';
import { RuntimeInfoSchema } from './protocol/runtime-info_pb.ts';

/** Names the JSON that containerd decodes as the features structure of the runtime-spec. */
const FEATURES = 'types.containerd.io/opencontainers/runtime-spec/1/features/Features';

/** What containerd 2 asks a runtime with -info. */
export function runtimeInfo(version: string, revision: string): Uint8Array {
  const info = create(RuntimeInfoSchema, {
    name: 'io.containerd.davit.v1',
    version: { version, revision },
    features: { typeUrl: FEATURES, value: Buffer.from(JSON.stringify(features())) },
  });
  return toBinary(RuntimeInfoSchema, info);
}
