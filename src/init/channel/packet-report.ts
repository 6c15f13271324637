import { type FailureReport, reportFailure } from '../../errors/stage-error.ts';

/** Of an error's text, what fits into a packet however it is escaped. */
const MAX_TEXT = 8192;

/** What init tells the runtime of an error. */
export function packetReport(error: unknown): FailureReport {
  const report = reportFailure(error);
  return { ...report, message: report.message.slice(0, MAX_TEXT) };
}
