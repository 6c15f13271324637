import { type FailureReport, reportFailure } from '../../errors/stage-error.ts';

/** The longest error text: fits into a packet, however JSON escapes it. */
const MAX_TEXT = 8192;

/** The report of an error that init sends to the runtime. */
export function packetReport(error: unknown): FailureReport {
  const report = reportFailure(error);
  return { ...report, message: report.message.slice(0, MAX_TEXT) };
}
