import { setTimeout } from 'node:timers/promises';
import { RuntimeError } from '../errors/runtime-error.ts';
import { type Destination, destinationOf } from '../telemetry/export/destination.ts';
import { ExportLock, lockExport } from '../telemetry/export/lock.ts';
import type { Pipeline } from '../telemetry/export/pipelines.ts';
import { hasMore } from '../telemetry/export/read-batch.ts';
import {
  type Environment,
  exportedSignals,
  SIGNALS,
  type Signal,
} from '../telemetry/export/signals.ts';
import { readState } from '../telemetry/export/state.ts';
import { traceDirectory } from '../telemetry/trace-directory.ts';

export interface ExportRequest {
  environment: Environment;
  /** How long one request is tried, in milliseconds. */
  timeout: number;
  /** Where the SDK's warnings go. */
  tell: (text: string) => void;
}

/** What one signal's export came to. */
export interface Exported {
  destination: Destination;
  /** Spans, data points or log records that the backend took, and those it refused. */
  sent: number;
  refused: number;
  /** False when the backend could not be reached in time: the rest waits in the store. */
  complete: boolean;
  /** Why something was refused, or not delivered. */
  reason: string | undefined;
}

/** A container's commands often come together: one exporter then sends what all of them stored. */
const DELAY = 1000;
/** An exporter of lower priority takes no time from containers that start. */
const NICE = 10;
/** Between looks whether another exporter is done. */
const LOOK_AGAIN = 50;

/** Sends what the store holds and no backend has, and ends. */
export async function exportOnce(request: ExportRequest): Promise<Exported[]> {
  const store = openStore(request);
  const lock = await awaitLock(store.directory, request.timeout);
  try {
    const pipelines = await open(store, request);
    return await Promise.all(pipelines.map(drain));
  } finally {
    lock.release();
  }
}

async function drain(pipeline: Pipeline): Promise<Exported> {
  const before = pipeline.state;
  const complete = await pipeline.drain();
  const { sent, refused, failure } = pipeline.state;
  return {
    destination: pipeline.destination,
    sent: sent - before.sent,
    refused: refused - before.refused,
    complete,
    reason: failure?.time === before.failure?.time ? undefined : failure?.reason,
  };
}

/**
 * What davit starts after a command that stored something: waits for a moment in case more comes, sends
 * it, and ends. The command has locked the store for it, as the fd `lockFd`.
 */
export async function exportInBackground(request: ExportRequest, lockFd: number): Promise<void> {
  // The bundle has no more of node:os than constants.
  process.getBuiltinModule('node:os').setPriority(NICE);
  const store = openStore(request);
  const delay = delayOf(request.environment);
  await setTimeout(delay);
  let pipelines = await open(store, request);
  // After the exporters have read certificates, and so that nobody's directory is in use by this.
  process.chdir('/');
  let lock: ExportLock | undefined = new ExportLock(lockFd);
  while (lock) {
    pipelines = await drainWhileMoreComes(pipelines, delay);
    lock.release();
    // Whoever stored something while the lock was held has left it to this exporter.
    lock = pipelines.some(({ hasMore }) => hasMore) ? lockExport(store.directory) : undefined;
  }
}

/** The pipelines that have not given up. */
async function drainWhileMoreComes(pipelines: Pipeline[], delay: number): Promise<Pipeline[]> {
  const alive = await Promise.all(
    pipelines.map(async (pipeline) => {
      do {
        if (!(await pipeline.drain())) return [];
        await setTimeout(delay);
      } while (pipeline.hasMore);
      return [pipeline];
    }),
  );
  return alive.flat();
}

/** Sends what is stored, as it is stored, until somebody ends it: a service's program. */
export async function exportFollowing(request: ExportRequest): Promise<void> {
  const store = openStore(request);
  await awaitLock(store.directory, Number.POSITIVE_INFINITY);
  const pipelines = await open(store, request);
  const delay = delayOf(request.environment);
  await Promise.all(
    pipelines.map(async (pipeline) => {
      for (;;) {
        await pipeline.drain();
        await setTimeout(delay);
      }
    }),
  );
}

/** What exporters of one signal have done so far. */
export interface ExportStatus {
  signal: Signal;
  sent: number;
  refused: number;
  /** True when the store holds what no exporter has seen to. */
  waits: boolean;
  /** Of the last request that was refused, or not delivered; RFC 3339. */
  failure: { time: string; reason: string } | undefined;
}

/** What became of the store's contents, in the background too. */
export function exportStatus(environment: Environment): ExportStatus[] {
  const directory = storeOf(environment);
  return SIGNALS.map((signal) => {
    const { progress, sent, refused, failure } = readState(directory, signal);
    return { signal, sent, refused, waits: hasMore(directory, progress), failure };
  });
}

interface Store {
  directory: string;
  destinations: Destination[];
}

/** Throws where the environment says to store, or to send, nothing. */
function openStore({ environment }: ExportRequest): Store {
  const directory = storeOf(environment);
  const destinations = exportedSignals(environment).map((signal) =>
    destinationOf(environment, signal),
  );
  if (destinations.length > 0) return { directory, destinations };
  throw new RuntimeError(
    'no backend to export to',
    'set OTEL_EXPORTER_OTLP_ENDPOINT, for instance to http://localhost:4318',
  );
}

function storeOf(environment: Environment): string {
  const directory = traceDirectory(environment);
  if (directory) return directory;
  throw new RuntimeError('traces are off: OTEL_SDK_DISABLED is true, or HOME unset');
}

async function open(
  { directory, destinations }: Store,
  { timeout, tell, environment }: ExportRequest,
): Promise<Pipeline[]> {
  const { openPipelines } = await import('../telemetry/export/pipelines.ts');
  return openPipelines(destinations, { directory, timeout, environment, tell });
}

async function awaitLock(directory: string, patience: number): Promise<ExportLock> {
  const deadline = Date.now() + patience;
  for (;;) {
    const lock = lockExport(directory);
    if (lock) return lock;
    if (Date.now() > deadline) throw new RuntimeError('another exporter is at work');
    await setTimeout(LOOK_AGAIN);
  }
}

/** OTEL_BSP_SCHEDULE_DELAY: how long is waited for more, in milliseconds. */
function delayOf({ OTEL_BSP_SCHEDULE_DELAY: given }: Environment): number {
  return given && /^\d+$/.test(given) ? Number(given) : DELAY;
}
