import { fromBinary } from '@bufbuild/protobuf';
import { checkpoint } from '../../../operations/life/checkpoint.ts';
import { CheckpointOptionsSchema } from '../protocol/options_pb.ts';
import type { CheckpointTaskRequest } from '../protocol/task_pb.ts';
import type { Call } from '../ttrpc/server.ts';
import { CODE, StatusError } from '../ttrpc/status.ts';
import { NOT_ASKED } from './criu-options.ts';
import { inRuntime } from './runtime-failure.ts';
import type { Task } from './task.ts';

/** Saves a container with criu. Its task goes on, unless the options say that it ends. */
export async function checkpointTask(
  task: Task,
  { path, options: given }: CheckpointTaskRequest,
  call: Call,
): Promise<void> {
  const options = fromBinary(CheckpointOptionsSchema, given?.value ?? new Uint8Array());
  const imagePath = options.imagePath || path;
  if (!imagePath) throw new StatusError(CODE.invalidArgument, 'path: expected a directory');
  await inRuntime(`checkpoint ${task.id}`, () =>
    checkpoint({
      ...task.container(call),
      imagePath,
      ...(options.workPath && { workPath: options.workPath }),
      ...(options.parentPath && { parentPath: options.parentPath }),
      tcpEstablished: options.openTcp,
      externalUnixSockets: options.externalUnixSockets,
      shellJob: options.terminal,
      fileLocks: options.fileLocks,
      leaveRunning: !options.exit,
      ...NOT_ASKED,
    }),
  );
}
