import { connectCallerSocket } from '../caller/caller-socket.ts';
import type { ContainerProcessState, State } from '../config/types.ts';
import { atField } from '../errors/stage-error.ts';
import { withHint } from '../errors/with-hint.ts';
import { closeFd } from '../syscalls/files/close-fd.ts';
import { sendMessage } from '../syscalls/network/socket.ts';
import { pidfdGetfd } from '../syscalls/task/pidfd.ts';

/** How a failure to connect begins, in words that callers know. */
const AGENT = 'failed to connect with seccomp agent';

interface ListenerRequest {
  /** Where the agent listens, and the field of config.json that says so. */
  receiver: { path: string; field: string };
  /** linux.seccomp.listenerMetadata. */
  metadata?: string | undefined;
  /** The process that installed the filter, and the number of the listener's fd in it. */
  pid: number;
  pidfd: number;
  fd: number;
  state: State;
}

/**
 * Hands a filter's listener to the agent that listens at `receiver`: one message with the container
 * process state of config-linux.md as JSON, and the fd. Runs in the runtime, since the filter may
 * stop any further call of the process itself.
 */
export function sendSeccompListener(request: ListenerRequest): void {
  using fds = new DisposableStack();
  const listener = fds.adopt(pidfdGetfd(request.pidfd, request.fd), closeFd);
  send(request, listener);
}

function connectAgent({ path, field }: ListenerRequest['receiver']): number {
  try {
    return connectCallerSocket(`${AGENT}: ${field}`, path);
  } catch (error) {
    throw withHint(error, 'the seccomp agent must listen there before the container is created');
  }
}

function send({ receiver, metadata, pid, state }: ListenerRequest, listener: number): void {
  const message: ContainerProcessState = {
    ociVersion: state.ociVersion,
    fds: ['seccompFd'],
    pid,
    ...(metadata === undefined ? {} : { metadata }),
    state,
  };
  using fds = new DisposableStack();
  const socket = fds.adopt(
    atField(receiver.field, () => connectAgent(receiver)),
    closeFd,
  );
  sendMessage(socket, Buffer.from(JSON.stringify(message)), [listener]);
}
