import { integer } from '@oclif/core/flags';
import { callerEnvironment } from '../../caller/caller-environment.ts';
import { DavitCommand } from '../../cli/command.ts';
import { flag, text } from '../../cli/flags.ts';
import { writeMessage } from '../../cli/output/output.ts';
import { table } from '../../cli/output/table.ts';
import { UsageError } from '../../cli/usage-error.ts';
import { parseDuration } from '../../cli/values/duration.ts';
import { timeFlag } from '../../cli/values/time-flag.ts';
import {
  type Exported,
  type ExportStatus,
  exportFollowing,
  exportInBackground,
  exportOnce,
  exportStatus,
} from '../../operations/traces/export.ts';

export default class Export extends DavitCommand {
  static override description = `send traces, metrics and failures to a backend, by OTLP

Sends what is stored and was not sent yet. OpenTelemetry's variables
(OTEL_EXPORTER_OTLP_ENDPOINT and others) name the backend. If they name
one, davit also sends by itself after each command.`;
  static override operands = { min: 0, max: 0 };
  static override flags = {
    follow: flag('keep running and send what is stored, as a service'),
    status: flag('print what was sent, was refused or waits, and send nothing'),
    again: flag('send everything of the last day again, even if it was sent or refused'),
    since: text("send everything again that ended since then: '2h' ago, or a time"),
    timeout: text("how long to try a request that fails: '60s' unless given"),
    // The number of the lock's fd: see startExporter.
    background: integer({ hidden: true }),
  };

  protected override ownProcess(): string {
    return 'it sends in the background, or for long';
  }

  async run(): Promise<number> {
    const { flags } = await this.parse(Export);
    const { environment, stdout, stderr } = this.invocation;
    if (flags.status) {
      stdout.write(statusText(exportStatus(environment)));
      return 0;
    }
    const since = timeFlag('since', flags.since);
    const request = {
      environment: callerEnvironment(environment),
      timeout: duration(flags.timeout ?? '60s'),
      since: since ?? (flags.again ? Date.now() - DAY : undefined),
      tell: (warning: string) => writeMessage(stderr, `${warning}\n`),
    };
    if (flags.background !== undefined) {
      await exportInBackground(request, flags.background);
      return 0;
    }
    if (flags.follow) await exportFollowing(request);
    const exported = await exportOnce(request);
    stdout.write(table(exported.map(row)));
    return exported.every(({ complete, refused }) => complete && refused === 0) ? 0 : 1;
  }
}

const DAY = 24 * 3_600_000;

function statusText(signals: readonly ExportStatus[]): string {
  const warnings = new Set(signals.flatMap((signal) => signal.warnings));
  return `${table(signals.map(statusRow))}${[...warnings].map((text) => `${text}\n`).join('')}`;
}

function statusRow({ signal, sent, refused, waits, failure }: ExportStatus): string[] {
  const done = [`${sent} sent`, `${refused} refused`, waits ? 'more waits' : 'nothing waits'];
  const last = failure ? `; at ${failure.time}: ${failure.reason}` : '';
  const kept = failure?.settings ? `: ${KEPT}` : '';
  return [signal, `${done.join(', ')}${last}${kept}`];
}

/** What happens to items that a backend turned away. */
const KEPT =
  'kept, and sent when the settings have changed, when davit export is called, or in 10 minutes';

function row({ signal, destination, sent, refused, complete, reason }: Exported): string[] {
  const done = [`${sent} sent`];
  if (refused > 0) done.push(`${refused} refused`);
  if (!complete) done.push('the rest waits');
  const why = reason ? `: ${reason}` : '';
  return [signal, destination, `${done.join(', ')}${why}`];
}

function duration(given: string): number {
  const milliseconds = parseDuration(given);
  if (milliseconds !== undefined && milliseconds >= 0) return milliseconds;
  throw new UsageError(`--timeout: ${JSON.stringify(given)} is not a duration such as 60s or 2m`);
}
