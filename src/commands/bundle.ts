import { DavitCommand } from '../cli/command.ts';
import { flag, text } from '../cli/flags.ts';
import { callersPath } from '../cli/invocation.ts';
import { optional, rest } from '../cli/operands.ts';
import { ProgressLine, progressBar } from '../cli/output/progress-line.ts';
import { isMapped, runMapped } from '../cli/run-mapped.ts';
import { byteCount } from '../cli/values/byte-count.ts';
import { byteSize } from '../cli/values/byte-size.ts';
import type { IDMapping } from '../config/types.ts';
import { readIdMap } from '../namespaces/read-id-map.ts';
import type { BundleProgress } from '../operations/bundle/make-bundle.ts';
import { umask } from '../syscalls/files/file.ts';

/** The exit status of a shell's command that a signal ended: 128 and its number. */
const ENDED_BY = { SIGINT: 130, SIGTERM: 143 };

export default class Bundle extends DavitCommand {
  static override description = `make a bundle of a container image

The image is an OCI layout (a directory or an archive) or a docker-archive,
such as 'docker save' writes; '-' is standard input. Makes the directory with
the unpacked layers in rootfs and a config.json from the image's
configuration. An ordinary user gets a bundle with a user namespace.`;
  static override operands = { min: 2, max: Infinity, stopAfter: 2 };
  static override args = {
    image: optional('OCI layout, or archive of an image'),
    directory: optional('directory to make'),
    command: rest("program and arguments in place of the image's"),
  };
  static override flags = {
    image: text('name of the image, where there are several', 'i'),
    tty: flag('give the program a terminal', 't'),
    'max-size': text('most bytes that the image may unpack to, such as 2G (64G unless given)'),
  };

  protected override ownProcess(): string {
    return 'unpacking takes long';
  }

  async run(): Promise<number | undefined> {
    const { args, flags } = await this.parse(Bundle);
    const isUser = process.geteuid!() !== 0;
    if (isUser) {
      const status = await runMapped(this.invocation);
      if (status !== undefined) return status;
    }
    const { stderr } = this.invocation;
    const [image = '', directory = ''] = [args.image, args.directory];
    umask(0o022);
    using interruption = new Interruption();
    using line = new ProgressLine(stderr);
    const { makeBundle } = await import('../operations/bundle/make-bundle.ts');
    try {
      const omitted = await makeBundle({
        image: image === '-' ? image : callersPath(this.invocation, image),
        directory: callersPath(this.invocation, directory),
        name: flags.image,
        args: (args.command as string[] | undefined) ?? [],
        terminal: flags.tty ?? false,
        maxSize: Number(byteSize(flags['max-size'] ?? '64G')),
        mayChown: !isUser,
        idMaps: isUser || isMapped(this.invocation) ? idMaps(isUser) : undefined,
        signal: interruption.signal,
        onProgress: (progress) => line.show(() => progressText(progress)),
      });
      for (const what of omitted) this.settings.log.warning(`bundle: ${what}`);
      return 0;
    } catch (error) {
      if (interruption.status === undefined) throw error;
      return interruption.status;
    }
  }
}

function progressText({ layer, layers, read, total }: BundleProgress): string {
  const amount = `${byteCount(read)} of ${byteCount(total)}`;
  return `unpacking layer ${layer} of ${layers} ${progressBar(read / total)} ${amount}`;
}

/**
 * The maps for the container: those of this process's user namespace, or the user alone as root.
 */
function idMaps(isUser: boolean): { uidMappings: IDMapping[]; gidMappings: IDMapping[] } {
  const own = (hostID: number) => [{ containerID: 0, hostID, size: 1 }];
  return isUser
    ? { uidMappings: own(process.geteuid!()), gidMappings: own(process.getegid!()) }
    : { uidMappings: readIdMap('self', 'uid'), gidMappings: readIdMap('self', 'gid') };
}

/** Ends the work in order when a signal asks for it: what was made is removed. */
class Interruption implements Disposable {
  readonly #controller = new AbortController();
  /** Of the command; undefined until a signal came. */
  status: number | undefined;

  constructor() {
    for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, this.#abort);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  readonly #abort = (name: NodeJS.Signals): void => {
    this.status = ENDED_BY[name as keyof typeof ENDED_BY];
    this.#controller.abort();
  };

  [Symbol.dispose](): void {
    for (const name of ['SIGINT', 'SIGTERM'] as const) process.off(name, this.#abort);
  }
}
