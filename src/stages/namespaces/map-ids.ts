import type { RuntimeContext } from '../../lifecycle/context.ts';
import { writeIdMaps } from '../../namespaces/id-maps.ts';

/** Writes init's uid and gid maps. */
export function mapIds({ init, spec }: RuntimeContext): void {
  const { uidMappings = [], gidMappings = [] } = spec.linux ?? {};
  writeIdMaps(init!.pid, { uidMappings, gidMappings });
}
