import { makeDirectories } from '../../syscalls/files/make-directories.ts';
import { longestStage } from '../../trace/read/analysis/longest-stage.ts';
import { Axis } from '../../trace/read/axis.ts';
import { type FollowedCommand, followCommands } from '../../trace/read/follow.ts';
import { commandName, failureOf, idPattern } from '../../trace/read/lives.ts';
import { type Canvas, canvasOf } from '../../trace/read/text/canvas.ts';
import { formatDuration } from '../../trace/read/text/duration.ts';
import { printable } from '../../trace/read/text/paint.ts';
import { formatTime } from '../../trace/read/text/time.ts';
import { storeOf, type TraceRequest } from './trace-request.ts';

/**
 * Yields a line for each command that is stored from now on, and that `names`, `commands` and
 * `failed` of the request select: text, or with `json` the command as OTLP/JSON.
 */
export async function* followTraces(request: TraceRequest): AsyncGenerator<string> {
  const { names, commands, failed, json } = request;
  const directory = storeOf(request);
  // Nothing is stored yet on a new machine.
  makeDirectories(directory, 0o700);
  const patterns = names.map(idPattern);
  const canvas = canvasOf(request.drawing);
  for await (const followed of followCommands(directory)) {
    const { containerId, command } = followed;
    if (patterns.length > 0 && !patterns.some((one) => one.test(containerId))) continue;
    if (commands && !commands.includes(commandName(command.root.name))) continue;
    if (failed && failureOf(command) === undefined) continue;
    yield json ? JSON.stringify(command.request) : lineOf(followed, canvas);
  }
}

/** `2026-11-30 09:00:00.000Z  web1  create  33.3 ms  mounts 8.10 ms`, or why it failed. */
function lineOf({ containerId, command }: FollowedCommand, { glyphs, paint }: Canvas): string {
  const { root } = command;
  const longest = longestStage([command]);
  const failure = failureOf(command);
  const line = [
    paint(formatTime(root.end), 'quiet'),
    paint(printable(containerId).padEnd(ID_WIDTH), failure === undefined ? 'title' : 'failed'),
    commandName(root.name).padEnd(COMMAND_WIDTH),
    formatDuration(new Axis(command).total).padStart(TIME_WIDTH),
    failure === undefined
      ? longest && `${longest.stage} ${formatDuration(longest.duration)}`
      : paint(`${glyphs.failed} ${printable(failure)}`, 'failed'),
  ];
  return line.filter(Boolean).join('  ').replaceAll('µ', glyphs.micro);
}

/** Lines are printed one by one: a longer text shifts the rest of its own line. */
const ID_WIDTH = 16;
const COMMAND_WIDTH = 'update'.length;
const TIME_WIDTH = '12 min 34 s'.length;
