import { execDetached } from '../../../operations/life/exec.ts';
import type { SessionOptions } from '../../../operations/session/session.ts';
import type { ContainerRequest } from '../../../state/container.ts';
import type { StdioPlaces } from '../io/process-io.ts';
import { CODE, StatusError } from '../ttrpc/status.ts';
import { TaskProcess } from './task-process.ts';

/** A process that Exec has added, and Start makes. */
export class ExecProcess extends TaskProcess {
  readonly #process: string;
  #started = false;

  /** `spec` is the JSON of the process, as config.json has it. */
  constructor(id: string, places: StdioPlaces, spec: Uint8Array) {
    super(id, places);
    this.#process = withTerminal(spec, places.terminal);
  }

  /** Makes the process, with the stdio of `io`. */
  async start(container: ContainerRequest & { session: SessionOptions }): Promise<void> {
    if (this.#started)
      throw new StatusError(CODE.failedPrecondition, `${this.id} was started before`);
    this.#started = true;
    const { stdio, console } = this.io!;
    const { pid } = await execDetached({
      ...container,
      processText: this.#process,
      stdio,
      ...(console !== undefined && { console }),
      ...NO_OPTIONS,
    });
    this.pid = pid;
  }
}

/** The process has it all. */
const NO_OPTIONS = {
  args: [],
  env: [],
  tty: false,
  additionalGids: [],
  caps: [],
  detach: true,
  preserveFds: 0,
  cgroup: [],
  ignorePaused: false,
};

function withTerminal(spec: Uint8Array, terminal: boolean): string {
  try {
    return JSON.stringify({ ...JSON.parse(Buffer.from(spec).toString()), terminal });
  } catch (error) {
    throw new StatusError(CODE.invalidArgument, `spec: no JSON: ${(error as Error).message}`);
  }
}
