import { RuntimeError } from '../../errors/runtime-error.ts';
import { userName } from '../../process/user-name.ts';
import { type ContainerRequest, readContainer } from '../../state/container.ts';
import { listIds } from '../../state/store.ts';
import { type ContainerState, containerState } from './state.ts';

/** Every container below `root`. Leaves out one that is deleted meanwhile or cannot be read. */
export async function list({
  root,
  environment,
}: Omit<ContainerRequest, 'id'>): Promise<ContainerState[]> {
  const owners = new Map<number, string>();
  return listIds(root).flatMap((id) => {
    try {
      const { record, status } = readContainer({ root, id, environment });
      return [{ ...containerState(record, status), owner: ownerName(record.owner, owners) }];
    } catch (error) {
      if (error instanceof RuntimeError) return [];
      throw error;
    }
  });
}

/** The name of `uid`, or `#uid`. */
function ownerName(uid: number, known: Map<number, string>): string {
  const cached = known.get(uid);
  if (cached !== undefined) return cached;
  const name = userName(uid) ?? `#${uid}`;
  known.set(uid, name);
  return name;
}
