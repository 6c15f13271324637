import { DavitCommand } from '../cli/command.ts';
import { flag, numberOrNone, text, texts } from '../cli/flags.ts';
import { rest } from '../cli/operands.ts';
import { STDOUT, write } from '../cli/output/output.ts';
import { drawing } from '../cli/output/terminal.ts';
import { UsageError } from '../cli/usage-error.ts';
import { moment } from '../cli/values/moment.ts';
import type { TraceView } from '../operations/traces/trace-request.ts';

const VIEWS: readonly TraceView[] = ['list', 'blame', 'critical-chain', 'compare'];

export default class Trace extends DavitCommand {
  static override description = `show where the time of containers' lives went

One line a stage: duration, share, place on the time axis; failures stand
out. Names are container ids, with the wildcards * and ?, or trace ids of
which 8 digits are enough. Without a name, the life that began last; of a
container with several lives, the latest. Where several are chosen they
are listed; --blame, --list and --compare look at all there are.`;
  static override operands = { min: 0, max: Infinity };
  static override args = { names: rest('containers or traces') };
  static override flags = {
    last: numberOrNone('the last so many lives'),
    slowest: numberOrNone("the slowest so many, by davit's own time"),
    failed: flag('only lives in which a command or the program’s execution failed'),
    since: text("only commands since then: '10m' ago, '2026-11-25 12:00'"),
    command: texts("only these: 'create', 'start', 'exec' and so on"),
    list: flag('a line for each life'),
    blame: flag('the stages that took most, over all lives chosen'),
    'critical-chain': flag('the stages that determined how long each command took'),
    compare: flag('two containers, or before and after --since: which stages grew'),
    html: text('file to write a page to, for a browser'),
    perfetto: text('file to write a trace for ui.perfetto.dev to'),
    json: flag('for programs: the spans as OTLP/JSON, or what a view shows'),
  };

  async run(): Promise<undefined> {
    const { args, flags } = await this.parse(Trace);
    const { last, slowest, since, html, perfetto, json } = flags;
    const view = VIEWS.find((view) => flags[view]);
    refuseTwo([...VIEWS, 'html', 'perfetto'], flags);
    refuseTwo(['last', 'slowest'], flags);
    const request = {
      names: args.names ?? [],
      view,
      last: atLeastOne('last', last),
      slowest: atLeastOne('slowest', slowest),
      failed: flags.failed || undefined,
      since: moment('since', since),
      commands: flags.command,
      json,
      environment: process.env,
      drawing: drawing(),
    };
    const { showTrace, writePage, writePerfetto } = await import(
      '../operations/traces/show-trace.ts'
    );
    if (html !== undefined) writePage(request, html);
    else if (perfetto !== undefined) writePerfetto(request, perfetto);
    else {
      const text = showTrace(request);
      write(STDOUT, text.endsWith('\n') ? text : `${text}\n`);
    }
  }
}

function refuseTwo(names: readonly string[], flags: Record<string, unknown>): void {
  const given = names.filter((name) => flags[name] !== undefined && flags[name] !== false);
  if (given.length > 1) throw new UsageError(`--${given.join(' and --')} exclude each other`);
}

function atLeastOne(name: string, value: number | undefined): number | undefined {
  if (value === undefined || value > 0) return value;
  throw new UsageError(`--${name}: ${value} is not a number of lives: 1 or more`);
}
