import type { ForkedContext } from '../../context/context.ts';
import { writeIdMaps } from '../../namespaces/id-maps.ts';

/** Writes init's uid and gid maps. */
export function mapIds({ init, spec }: ForkedContext): void {
  const { uidMappings = [], gidMappings = [] } = spec.linux ?? {};
  writeIdMaps(init.pid, { uidMappings, gidMappings });
}
