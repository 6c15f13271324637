import { type Span, SpanStatusCode } from '@opentelemetry/api';
import { isObject } from '../../config/is-object.ts';
import { type FailureReport, reportFailure } from '../../errors/stage-error.ts';
import { type Attributes, ERROR_SYSCALL, ERROR_TYPE, STAGE_CONFIG_PATH } from './attributes.ts';

/** Marks a span as failed by what was thrown, or reported by init as a {@link FailureReport}. */
export function markFailed(span: Span, thrown: unknown): void {
  const report = isReport(thrown) ? thrown : reportFailure(thrown);
  span.setStatus({ code: SpanStatusCode.ERROR, message: report.message });
  span.setAttributes(failureAttributes(report));
}

const failureAttributes = ({ code, type, syscall, configPath }: FailureReport): Attributes => ({
  // error.type has few distinct values: an errno's name, else the error's class.
  [ERROR_TYPE]: code ?? type ?? '_OTHER',
  [ERROR_SYSCALL]: syscall,
  [STAGE_CONFIG_PATH]: configPath,
});

const isReport = (thrown: unknown): thrown is FailureReport =>
  isObject(thrown) && !(thrown instanceof Error) && typeof thrown.message === 'string';
