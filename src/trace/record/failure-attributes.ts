import { type FailureReport, reportFailure } from '../../errors/stage-error.ts';
import { type Attributes, ERROR_SYSCALL, ERROR_TYPE, STAGE_CONFIG_PATH } from './attributes.ts';

/** A failure as a span holds it: the status's message and the attributes that classify it. */
export interface SpanFailure {
  message: string;
  attributes: Attributes;
}

/** Describes what was thrown, or reported by init as a {@link FailureReport}. */
export function spanFailure(thrown: unknown): SpanFailure {
  const report = isReport(thrown) ? thrown : reportFailure(thrown);
  return {
    message: report.message,
    attributes: {
      // error.type has few distinct values: an errno's name, else the error's class.
      [ERROR_TYPE]: report.code ?? report.type ?? '_OTHER',
      [ERROR_SYSCALL]: report.syscall,
      [STAGE_CONFIG_PATH]: report.configPath,
    },
  };
}

function isReport(thrown: unknown): thrown is FailureReport {
  return (
    typeof thrown === 'object' &&
    thrown !== null &&
    !(thrown instanceof Error) &&
    'message' in thrown &&
    typeof thrown.message === 'string'
  );
}
