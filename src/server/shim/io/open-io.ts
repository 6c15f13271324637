import { closeFd } from '../../../syscalls/files/close-fd.ts';
import type { Children } from '../task/children.ts';
import { openInput, openOutput, type Stream } from './fifo.ts';
import { Logger, openLogFile } from './logger.ts';
import { type IoOwner, PlainIo } from './plain-io.ts';
import type { ProcessIo, StdioPlaces } from './process-io.ts';
import { TerminalIo } from './terminal-io.ts';

interface IoRequest {
  /** The container's id. */
  id: string;
  /** containerd's namespace. */
  namespace: string;
  places: StdioPlaces;
  owner: IoOwner;
  children: Children;
}

/** Opens the stdio of a process. Nothing stays open after a failure. */
export async function openIo(request: IoRequest): Promise<ProcessIo> {
  const { places, owner, children } = request;
  const uri = URL.canParse(places.stdout) ? new URL(places.stdout) : undefined;
  using opened = new DisposableStack();
  const keep = (stream: Stream) => opened.adopt(stream, closeStream);
  const stdin = keep(openInput(places.stdin || '/dev/null'));
  const logger =
    uri?.protocol === 'binary:' ? await Logger.start(uri, request, children) : undefined;
  const [stdout, stderr] = logger?.streams ?? openOutputs(places, uri);
  keep(stdout);
  if (stderr !== stdout) keep(stderr);
  const io = places.terminal
    ? terminalIo(stdin, stdout, stderr)
    : new PlainIo([stdin, stdout, stderr], owner);
  opened.move();
  return logger ? logged(io, logger) : io;
}

function openOutputs(places: StdioPlaces, uri: URL | undefined): [Stream, Stream] {
  if (uri?.protocol === 'file:') {
    const file = openLogFile(uri.pathname);
    return [file, file];
  }
  using opened = new DisposableStack();
  const stdout = opened.adopt(openOutput(pathOf(places.stdout)), closeStream);
  const stderr = openOutput(pathOf(places.terminal ? '' : places.stderr));
  opened.move();
  return [stdout, stderr];
}

/** The path in `fifo:///path`, or the path itself. */
const pathOf = (place: string): string => place.replace(/^fifo:\/\//, '') || '/dev/null';

/** A terminal has no stderr of its own. */
function terminalIo(stdin: Stream, stdout: Stream, stderr: Stream): TerminalIo {
  const io = new TerminalIo(stdin, stdout);
  if (stderr !== stdout) closeStream(stderr);
  return io;
}

const logged = (io: ProcessIo, logger: Logger): ProcessIo => ({
  stdio: io.stdio,
  console: io.console,
  launched: () => io.launched(),
  closeStdin: () => io.closeStdin(),
  resize: (size) => io.resize(size),
  ended: () => io.ended(),
  async close() {
    await io.close();
    await logger.end();
  },
});

function closeStream({ end, held }: Stream): void {
  closeFd(end);
  closeFd(held);
}
