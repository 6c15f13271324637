import { constants } from 'node:os';
import { join } from 'node:path';
import { create, toBinary } from '@bufbuild/protobuf';
import { timestampNow } from '@bufbuild/protobuf/wkt';
import type { Invocation } from '../../cli/invocation.ts';
import { hasErrno } from '../../errors/syscall-error.ts';
import { deleteContainer } from '../../operations/life/delete.ts';
import { findRecord } from '../../state/store.ts';
import type { ShimArguments } from './arguments.ts';
import { removeDead } from './group.ts';
import { DeleteResponseSchema } from './protocol/task_pb.ts';
import { readRoot } from './root-file.ts';
import { unmountRootfs } from './rootfs.ts';

/**
 * Removes what a shim that has died left of a container. Returns the message that containerd
 * expects.
 */
export async function cleanUp(
  { environment, cwd }: Invocation,
  { id, bundle }: ShimArguments,
): Promise<Uint8Array> {
  const directory = bundle || cwd;
  const root = rootOf(directory);
  const pid = root && findRecord(root, id)?.initPid;
  if (root) await deleteContainer({ root, id, environment, force: true });
  unmountRootfs(join(directory, 'rootfs'));
  removeDead();
  const exited = { exitStatus: 128 + constants.signals.SIGKILL, exitedAt: timestampNow() };
  return toBinary(
    DeleteResponseSchema,
    create(DeleteResponseSchema, { ...exited, ...(pid && { pid }) }),
  );
}

/** Undefined where nothing of the container is left. */
function rootOf(bundle: string): string | undefined {
  try {
    return readRoot(bundle);
  } catch (error) {
    if (hasErrno(error, 'ENOENT')) return undefined;
    throw error;
  }
}
