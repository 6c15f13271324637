import { setTimeout } from 'node:timers/promises';
import type { Environment } from '../../config/environment.ts';
import { RuntimeError } from '../../errors/runtime-error.ts';
import { destinationOf } from '../../trace/send/connection/destination.ts';
import { ExportLock, lockExport } from '../../trace/send/lock.ts';
import type { Pipeline } from '../../trace/send/pipeline.ts';
import { hasMore } from '../../trace/send/read-batch.ts';
import { settingsOf, wasRejectedRecently } from '../../trace/send/settings.ts';
import {
  exportersOf,
  SIGNALS,
  type Signal,
  signalsInBackground,
} from '../../trace/send/signals.ts';
import { type Failure, noteFailure, readState } from '../../trace/send/state.ts';
import { traceDirectory } from '../../trace/store/trace-directory.ts';

interface ExportRequest {
  environment: Environment;
  /** How long one request is tried, in milliseconds. */
  timeout: number;
  /**
   * Sends everything that ended since this time, even if it was sent before; in milliseconds since
   * the epoch.
   */
  since?: number | undefined;
  /** Where the SDK's warnings go. */
  tell: (text: string) => void;
}

/** The result of one signal's export. */
export interface Exported {
  signal: Signal;
  destination: string;
  /** How many spans, data points or log records the backend accepted, and how many it refused. */
  sent: number;
  refused: number;
  /**
   * False when the backend could not be reached in time, or accepted nothing: the rest stays in the
   * store.
   */
  complete: boolean;
  /** Why something was refused, or not delivered. */
  reason: string | undefined;
}

/**
 * Milliseconds. Commands often come close together: one exporter then sends what all of them
 * stored.
 */
const DELAY = 1000;
/** Low priority: the exporter takes no CPU time from containers that start. */
const NICE = 10;
/** Milliseconds between checks whether another exporter has ended. */
const LOOK_AGAIN = 50;

/** Sends everything in the store that no backend has yet, and returns. */
export async function exportOnce(request: ExportRequest): Promise<Exported[]> {
  const store = openStore(request);
  const lock = await awaitLock(store.directory, request.timeout);
  try {
    const open = await prepare(store, request);
    const pipelines = store.signals.flatMap(open);
    return await Promise.all(pipelines.map((pipeline) => drain(pipeline, request)));
  } finally {
    lock.release();
  }
}

async function drain(pipeline: Pipeline, { environment }: ExportRequest): Promise<Exported> {
  const before = pipeline.state;
  const complete = await pipeline.drain();
  const { signal } = pipeline;
  const { sent, refused, failure } = pipeline.state;
  return {
    signal,
    destination: destinationOf(environment, signal, exportersOf(environment, signal)),
    sent: sent - before.sent,
    refused: refused - before.refused,
    complete,
    reason: failure?.time === before.failure?.time ? undefined : failure?.reason,
  };
}

/**
 * The exporter that davit starts after a command: waits for a moment in case more is stored, sends
 * it, and ends. The command has locked the store for it, as the fd `lockFd`.
 */
export async function exportInBackground(request: ExportRequest, lockFd: number): Promise<void> {
  // The bundle's node:os has only constants.
  process.getBuiltinModule('node:os').setPriority(NICE);
  const store = openStore(request);
  const delay = delayOf(request.environment);
  await setTimeout(delay);
  let pipelines = await openAll(store, request);
  // Not earlier: the exporters read certificates first. This process must not keep a directory
  // busy.
  process.chdir('/');
  let lock: ExportLock | undefined = new ExportLock(lockFd);
  while (lock) {
    pipelines = await drainWhileMoreComes(pipelines, delay);
    lock.release();
    // Commands that stored something while the lock was held have left it to this exporter.
    lock = pipelines.some(({ hasMore }) => hasMore) ? lockExport(store.directory) : undefined;
  }
}

/**
 * Errors are saved for `davit export --status`: a background process has no other place to report
 * them.
 */
async function openAll(store: Store, request: ExportRequest): Promise<Pipeline[]> {
  const signals = signalsInBackground(request.environment).filter(
    (signal) => !wasRejectedRecently(readState(store.directory, signal), store.settings),
  );
  if (signals.length === 0) return [];
  const open = await prepare(store, request);
  return signals.flatMap((signal) => {
    try {
      return open(signal);
    } catch (error) {
      noteFailure(store.directory, signal, error as Error);
      return [];
    }
  });
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

/** Sends what is stored, as it is stored, until the process is ended. For a service. */
export async function exportFollowing(request: ExportRequest): Promise<void> {
  const store = openStore(request);
  await awaitLock(store.directory, Number.POSITIVE_INFINITY);
  const open = await prepare(store, request, { isService: true });
  const delay = delayOf(request.environment);
  const pipelines = store.signals.flatMap(open);
  await Promise.all(
    pipelines.map(async (pipeline) => {
      for (;;) {
        await pipeline.drain();
        do await setTimeout(delay);
        while (wasRejectedRecently(pipeline.state, store.settings));
      }
    }),
  );
}

/** What exporters of one signal have done so far. */
export interface ExportStatus {
  signal: Signal;
  sent: number;
  refused: number;
  /** True when the store has more to send. */
  waits: boolean;
  /** The last request that was refused or not delivered. */
  failure: Failure | undefined;
  /** Warnings about the last exporter's variables. */
  warnings: readonly string[];
}

/** What was sent from the store, also by exporters in the background. */
export function exportStatus(environment: Environment): ExportStatus[] {
  const directory = storeOf(environment);
  return SIGNALS.map((signal) => {
    const { progress, sent, refused, failure, warnings = [] } = readState(directory, signal);
    return { signal, sent, refused, waits: hasMore(directory, progress), failure, warnings };
  });
}

interface Store {
  directory: string;
  signals: Signal[];
  /** Hash of the settings to send with. */
  settings: string;
}

/** Throws when the environment disables storing or sending. */
function openStore({ environment }: ExportRequest): Store {
  const directory = storeOf(environment);
  const signals = SIGNALS.filter((signal) => exportersOf(environment, signal).length > 0);
  if (signals.length > 0) return { directory, signals, settings: settingsOf(environment) };
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

async function prepare(store: Store, request: ExportRequest, { isService = false } = {}) {
  const { preparePipelines } = await import('../../trace/send/pipelines.ts');
  return preparePipelines({ ...request, ...store, isService });
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

/** OTEL_BSP_SCHEDULE_DELAY: how long to wait for more, in milliseconds. */
function delayOf({ OTEL_BSP_SCHEDULE_DELAY: given }: Environment): number {
  return given && /^\d+$/.test(given) ? Number(given) : DELAY;
}
