import { type FailureReport, reportFailure, StageError } from '../errors/stage-error.ts';
import { type Attributes, ERROR_SYSCALL, ERROR_TYPE, STAGE_CONFIG_PATH } from './attributes.ts';

/** A failure as a span holds it: the status's message and the attributes that classify it. */
export interface SpanFailure {
  message: string;
  attributes: Attributes;
}

/** Describes what was thrown, or reported by init as a {@link FailureReport}. */
export function spanFailure(thrown: unknown): SpanFailure {
  const report = isReport(thrown) ? thrown : reportFailure(thrown);
  const configPath =
    report.configPath ?? (thrown instanceof StageError ? thrown.configPath : undefined);
  return {
    message: report.message,
    attributes: {
      // error.type has few distinct values: an errno's name, else the error's class.
      [ERROR_TYPE]: defined(report.code) ?? (thrown instanceof Error ? thrown.name : '_OTHER'),
      [ERROR_SYSCALL]: defined(report.syscall),
      [STAGE_CONFIG_PATH]: configPath,
    },
  };
}

// reportFailure stringifies a property that is there but undefined.
function defined(text: string | undefined): string | undefined {
  return text === 'undefined' ? undefined : text;
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
