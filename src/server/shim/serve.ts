import { openSync, writeSync } from 'node:fs';
import type { Invocation } from '../../cli/invocation.ts';
import { parseDuration } from '../../cli/values/duration.ts';
import type { Environment } from '../../config/environment.ts';
import { RuntimeError } from '../../errors/runtime-error.ts';
import type { OperationLog } from '../../operations/session/operation-log.ts';
import { dup2 } from '../../syscalls/files/file.ts';
import { setChildSubreaper } from '../../syscalls/task/prctl.ts';
import { setsid } from '../../syscalls/task/process.ts';
import { installedFront } from '../newer-build.ts';
import type { ShimArguments } from './arguments.ts';
import { forwardBy, forwardTo } from './events/forward.ts';
import { Publisher } from './events/publisher.ts';
import type { Group } from './group.ts';
import type { IdleTimes } from './idle-watch.ts';
import type { ShimContext } from './shim-context.ts';
import { shimLog } from './shim-log.ts';
import { ShimServer } from './shim-server.ts';
import { Children } from './task/children.ts';

const IDLE_VARIABLE = 'DAVIT_SHIM_IDLE_TIMEOUT';
const IDLE_MS = 60_000;
/** How long containerd may take from `start` to its connection, in milliseconds. */
const GRACE_MS = 20_000;

/** Serves containerd until nobody needs this process. Prints its address once it does. */
export async function serve(
  { environment, cwd }: Invocation,
  args: ShimArguments,
  group: Group,
): Promise<void> {
  if (!args.namespace) throw new RuntimeError('-namespace: expected a namespace of containerd');
  const times = idleTimes(group, environment);
  setsid();
  setChildSubreaper(true);
  process.title = `containerd-shim-davit-v1 -namespace ${args.namespace} ${group.kind}`;
  process.chdir('/');
  const log = shimLog(cwd, args.id);
  const server = new ShimServer(contextOf(environment, args, log), group, times);
  await server.listen();
  // A shim outlives whatever goes wrong with one task.
  for (const failure of ['uncaughtException', 'unhandledRejection'] as const) {
    process.on(failure, (error: Error) => log.warning(error.stack ?? String(error)));
  }
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void server.end());
  writeSync(1, server.address);
  leaveStdio();
}

/** A shim for many pods stays for the next one. That of a pod, or of a container, is not for others. */
function idleTimes({ kind }: Group, environment: Environment): IdleTimes {
  if (kind !== 'namespace') return { idle: 0, grace: 0 };
  const text = environment[IDLE_VARIABLE];
  const idle = text === undefined ? IDLE_MS : parseDuration(text);
  if (idle !== undefined && idle >= 0) return { idle, grace: GRACE_MS };
  throw new RuntimeError(
    `${IDLE_VARIABLE} is ${JSON.stringify(text)}: expected a time such as 10m`,
  );
}

function contextOf(
  environment: Environment,
  { namespace, publishBinary, address }: ShimArguments,
  log: OperationLog,
): ShimContext {
  const children = new Children();
  const { TTRPC_ADDRESS } = environment;
  const forward = TTRPC_ADDRESS
    ? forwardTo(TTRPC_ADDRESS)
    : forwardBy({ path: publishBinary, address }, children);
  const publisher = new Publisher(namespace, forward, log);
  return { namespace, environment, davit: [installedFront()], children, publisher };
}

/** `start` waits until nobody holds its stdio any more. */
function leaveStdio(): void {
  const nothing = openSync('/dev/null', 'r+');
  for (const fd of [0, 1, 2]) dup2(nothing, fd);
}
