import { makesNamespace } from '../../config/validate/has-namespace.ts';
import type { Launch, RuntimeContext } from '../../lifecycle/context.ts';
import { writeIdMaps } from '../../process/id-maps.ts';

/** True when the container gets a user namespace of its own making. */
export const createsUserNamespace = ({ spec }: Launch): boolean =>
  makesNamespace(spec.linux, 'user');

/** Writes init's uid and gid maps. */
export function mapIds({ init, spec }: RuntimeContext): void {
  const { uidMappings = [], gidMappings = [] } = spec.linux ?? {};
  writeIdMaps(init!.pid, { uidMappings, gidMappings });
}
