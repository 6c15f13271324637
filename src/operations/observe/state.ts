import {
  type ContainerRequest,
  readContainer,
  type StoredContainer,
} from '../../state/container.ts';
import type { ContainerRecord } from '../../state/record.ts';

/** What `davit state` prints: the spec's state and runc's additions to it. */
export interface ContainerState {
  ociVersion: string;
  id: string;
  /** 0 when stopped. */
  pid: number;
  status: StoredContainer['status'];
  /** Absolute path. */
  bundle: string;
  rootfs: string;
  /** RFC 3339, UTC. */
  created: string;
  annotations?: Record<string, string>;
  /** Name of the user who created it; empty when it has none. */
  owner: string;
}

/** The state of a container. */
export async function state(request: ContainerRequest): Promise<ContainerState> {
  const { record, status } = readContainer(request);
  return containerState(record, status);
}

export function containerState(
  record: ContainerRecord,
  status: StoredContainer['status'],
): ContainerState {
  const { ociVersion, id, bundle, rootfs, created, annotations } = record;
  const pid = status === 'stopped' ? 0 : record.initPid;
  return {
    ociVersion,
    id,
    pid,
    status,
    bundle,
    rootfs,
    created,
    ...(annotations && Object.keys(annotations).length > 0 ? { annotations } : {}),
    owner: '',
  };
}
