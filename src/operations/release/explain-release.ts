import { closeSync, readSync } from 'node:fs';
import { ROOT_CONTEXT, trace } from '@opentelemetry/api';
import type { Environment } from '../../config/environment.ts';
import { loadSpec } from '../../config/load.ts';
import { hintOf } from '../../errors/hints/hint-of.ts';
import { RuntimeError } from '../../errors/runtime-error.ts';
import { StageError } from '../../errors/stage-error.ts';
import { RuntimeChannel } from '../../init/channel/channel.ts';
import { REPORT_SIZE } from '../../init/channel/protocol.ts';
import { decodeReport } from '../../init/channel/wire.ts';
import { awaitInitEnd, END_TIMEOUT_MS } from '../../init/signal-init.ts';
import {
  describeExecFailure,
  explanation,
  isOfProgram,
} from '../../init/trampoline/exec-failure.ts';
import { InitEnded } from '../../lifecycle/init-ended.ts';
import { readContainer, type StoredContainer } from '../../state/container.ts';
import { ERROR_HINT, STAGE_SIDE } from '../../trace/record/attributes.ts';
import { davitResource } from '../../trace/record/command-attributes.ts';
import { markFailed } from '../../trace/record/mark-failed.ts';
import { StoreTracerProvider } from '../../trace/record/store-tracer-provider.ts';
import type { Span } from '../../trace/store/span.ts';
import { appendTrace } from '../../trace/store/store.ts';
import { traceDirectory } from '../../trace/store/trace-directory.ts';
import type { StartRequest } from '../life/start-request.ts';
import type { Released } from './released-start.ts';

/**
 * Finishes a `davit start` whose init did not execute its program. If that is the program's fault,
 * reports it to the trace, the container's output and the log; otherwise throws the reason.
 */
export function explainRelease(request: StartRequest, released: Released): void {
  const container = readContainer(request);
  const channel = new RuntimeChannel(released.input, released.output);
  const report = readReport(released.failure);
  const spec = loadSpec(container.stateDir);
  const { record, cgroup } = container;
  if (!report && container.status !== 'stopped') {
    throw new RuntimeError('cannot start an already running container');
  }
  const cause = report
    ? describeExecFailure(report, { execs: true }, { spec, rootfs: record.rootfs, record })
    : new InitEnded({ spec, cgroup });
  const error = new StageError('exec', cause);
  const hint = hintOf(error);
  store(container, request.environment, { released, error, hint });
  const ofProgram = report !== undefined && isOfProgram(report, { execs: true }, spec);
  if (ofProgram) channel.sendText(explanation(error, hint));
  channel.close();
  awaitInitEnd(record, END_TIMEOUT_MS);
  if (!ofProgram) throw error;
  request.session?.log?.warning(error.message, hint);
}

/** The report of init's failure that the release program saved, if init sent one. */
function readReport(fd: number) {
  const bytes = Buffer.alloc(REPORT_SIZE);
  const length = readSync(fd, bytes, 0, bytes.length, 0);
  closeSync(fd);
  const report = length === bytes.length ? decodeReport(bytes) : undefined;
  return report?.type === 'exec-failure' ? report : undefined;
}

interface Failure {
  released: Released;
  error: StageError;
  hint: string | undefined;
}

/**
 * Stores the failure as a child of the exec span, which was stored with the rest of the command.
 */
function store(
  { record }: StoredContainer,
  environment: Environment,
  { released: { exec }, error, hint }: Failure,
): void {
  const directory = traceDirectory(environment);
  if (!directory) return;
  const onEnd = (span: Span) =>
    appendTrace(directory, record.id, { resource: davitResource, spans: [span] });
  const tracer = new StoreTracerProvider({ onEnd }).getTracer();
  const context = trace.setSpanContext(ROOT_CONTEXT, exec);
  const span = tracer.startSpan('execve', { attributes: { [STAGE_SIDE]: 'container' } }, context);
  markFailed(span, error);
  span.setAttribute(ERROR_HINT, hint).end();
}
