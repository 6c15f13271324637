import { integer } from '@oclif/core/flags';
import { DavitCommand } from '../cli/command.ts';
import { parseDuration } from '../cli/duration.ts';
import { flag, text } from '../cli/flags.ts';
import { STDERR, STDOUT, tell, write } from '../cli/output.ts';
import { table } from '../cli/table.ts';
import { UsageError } from '../cli/usage-error.ts';
import {
  type Exported,
  type ExportStatus,
  exportFollowing,
  exportInBackground,
  exportOnce,
  exportStatus,
} from '../operations/export.ts';
import { callerEnvironment } from '../process/caller-environment.ts';

export default class Export extends DavitCommand {
  static override description = `send traces, metrics and failures to a backend, by OTLP

What the store holds and the backend does not have yet, as OpenTelemetry's
variables say: OTEL_EXPORTER_OTLP_ENDPOINT and the rest. Where they name
an endpoint, davit does this by itself after each command.`;
  static override operands = { min: 0, max: 0 };
  static override flags = {
    follow: flag('go on sending what is stored, as a service'),
    status: flag('tell what was sent, refused or waits, and send nothing'),
    timeout: text("how long to try a request that fails: '60s' unless given"),
    // The fd of the lock: see startExporter.
    background: integer({ hidden: true }),
  };

  async run(): Promise<number> {
    const { flags } = await this.parse(Export);
    if (flags.status) {
      write(STDOUT, table(exportStatus(process.env).map(statusRow)));
      return 0;
    }
    const request = {
      environment: callerEnvironment(),
      timeout: duration(flags.timeout ?? '60s'),
      tell: (warning: string) => tell(STDERR, `${warning}\n`),
    };
    if (flags.background !== undefined) {
      await exportInBackground(request, flags.background);
      return 0;
    }
    if (flags.follow) await exportFollowing(request);
    const exported = await exportOnce(request);
    write(STDOUT, table(exported.map(row)));
    return exported.every(({ complete, refused }) => complete && refused === 0) ? 0 : 1;
  }
}

function statusRow({ signal, sent, refused, waits, failure }: ExportStatus): string[] {
  const done = [`${sent} sent`, `${refused} refused`, waits ? 'more waits' : 'nothing waits'];
  const last = failure ? `; at ${failure.time}: ${failure.reason}` : '';
  return [signal, `${done.join(', ')}${last}`];
}

function row({ destination, sent, refused, complete, reason }: Exported): string[] {
  const done = [`${sent} sent`];
  if (refused > 0) done.push(`${refused} refused`);
  if (!complete) done.push('the rest waits');
  const why = reason ? `: ${reason}` : '';
  return [destination.signal, destination.url, `${done.join(', ')}${why}`];
}

function duration(given: string): number {
  const milliseconds = parseDuration(given);
  if (milliseconds !== undefined && milliseconds >= 0) return milliseconds;
  throw new UsageError(`--timeout: ${JSON.stringify(given)} is not a duration such as 60s or 2m`);
}
