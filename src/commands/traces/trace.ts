import { DavitCommand } from '../../cli/command.ts';
import { flag, numberOrNone, text, texts } from '../../cli/flags.ts';
import { callersPath } from '../../cli/invocation.ts';
import { rest } from '../../cli/operands.ts';
import { terminalFeatures } from '../../cli/output/terminal.ts';
import { UsageError } from '../../cli/usage-error.ts';
import { timeFlag } from '../../cli/values/time-flag.ts';
import type { TraceView } from '../../operations/traces/trace-request.ts';

const VIEWS: readonly TraceView[] = ['list', 'blame', 'critical-chain', 'compare'];

export default class Trace extends DavitCommand {
  static override repeatable = true;
  static override description = `show where containers spent their time

Prints a line for each stage: duration, share and place on the time axis.
Failures stand out. Names are container ids with the wildcards * and ?, or
the first 8 or more digits of trace ids. Without a name it shows the
container that began last. If an id was used several times, it shows the
latest life. If several lives are selected, it lists them. --blame, --list
and --compare use all stored lives.`;
  static override operands = { min: 0, max: Infinity };
  static override args = { names: rest('containers or traces') };
  static override flags = {
    last: numberOrNone('only the lives that began last, 1 unless a number follows'),
    slowest: numberOrNone("only the slowest lives by davit's own time, 1 unless a number follows"),
    failed: flag('only lives in which a command or the program’s execution failed'),
    since: text("only commands since then: '10m' ago, '2026-11-25 12:00'"),
    command: texts("only these: 'create', 'start', 'exec' and so on"),
    list: flag('a line for each life'),
    blame: flag('the stages that took most time, over all selected lives'),
    'critical-chain': flag('the stages that determined how long each command took'),
    compare: flag('two containers, or before and after --since: which stages grew'),
    follow: flag('a line for each command when it ends, from now on'),
    html: text('file to write a page to, for a browser'),
    perfetto: text('file to write a trace for ui.perfetto.dev to'),
    json: flag('for programs: the spans as OTLP/JSON, or the data of a view'),
  };

  protected override async ownProcess(): Promise<string | undefined> {
    const { flags } = await this.parse(Trace);
    if (flags.follow) return 'it lasts until it is ended';
    const file = flags.html ?? flags.perfetto;
    return file && 'it opens what the caller names, which may take long';
  }

  async run(): Promise<undefined> {
    const { args, flags } = await this.parse(Trace);
    const { environment, stdout } = this.invocation;
    const { last, slowest, since, html, perfetto, json } = flags;
    const view = VIEWS.find((view) => flags[view]);
    refuseTwo([...VIEWS, 'html', 'perfetto', 'follow'], flags);
    refuseTwo(['last', 'slowest'], flags);
    for (const choice of ['last', 'slowest', 'since']) refuseTwo(['follow', choice], flags);
    const request = {
      names: args.names ?? [],
      view,
      last: atLeastOne('last', last),
      slowest: atLeastOne('slowest', slowest),
      failed: flags.failed || undefined,
      since: timeFlag('since', since),
      commands: flags.command,
      json,
      environment,
      drawing: terminalFeatures(stdout, environment),
    };
    const { followTraces, showTrace, writePage, writePerfetto } = await import(
      '../../operations/traces/show-trace.ts'
    );
    if (html !== undefined) this.#creating(html, (path) => writePage(request, path));
    else if (perfetto !== undefined)
      this.#creating(perfetto, (path) => writePerfetto(request, path));
    else if (flags.follow) {
      for await (const line of followTraces(request)) if (!stdout.write(`${line}\n`)) return;
    } else {
      const text = showTrace(request);
      stdout.write(text.endsWith('\n') ? text : `${text}\n`);
    }
  }

  #creating(file: string, write: (path: string) => void): void {
    const path = callersPath(this.invocation, file);
    this.invocation.creating(path, () => write(path));
  }
}

function refuseTwo(names: readonly string[], flags: Record<string, unknown>): void {
  const given = names.filter((name) => flags[name] !== undefined && flags[name] !== false);
  if (given.length > 1) throw new UsageError(`--${given.join(' and --')} exclude each other`);
}

function atLeastOne(name: string, value: number | undefined): number | undefined {
  if (value === undefined || value > 0) return value;
  throw new UsageError(`--${name}: expected a number of 1 or more, found ${value}`);
}
