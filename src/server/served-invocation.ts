import { readlinkSync, readSync, statSync } from 'node:fs';
import {
  type CommandNeeds,
  type Invocation,
  LeftToCaller,
  type RunningServer,
} from '../cli/invocation.ts';
import type { Environment } from '../config/environment.ts';
import { hasErrno } from '../errors/syscall-error.ts';
import type { ReplacementProgram } from '../syscalls/switch/switch.ts';
import { CollectedOutput } from './collected-output.ts';
import type { Connection } from './connection.ts';
import { Front } from './front.ts';
import type { Request } from './request.ts';

/** What the server adds to a request. */
export interface Service {
  connection: Connection;
  /** When the front connected, in CLOCK_MONOTONIC nanoseconds. */
  start: bigint;
  davit: Invocation['davit'];
  server: RunningServer;
  replacement: ReplacementProgram | undefined;
  /** $TZ of the server: Node's clock has one time zone. */
  timeZone: string | undefined;
}

/** The call of a front, which the server runs among others. */
export class ServedInvocation implements Invocation {
  readonly args: readonly string[];
  readonly environment: Environment;
  readonly cwd: string;
  readonly stdout: CollectedOutput;
  readonly stderr: CollectedOutput;
  readonly start: bigint;
  readonly davit: Invocation['davit'];
  readonly server: RunningServer;
  readonly initParent: Front;
  readonly process = undefined;
  /** The command's name, once it is known. */
  command = '(none)';
  readonly #request: Request;
  #permitted = false;

  /** Throws {@link LeftToCaller} for a request whose paths or times only its caller can read. */
  constructor(
    request: Request,
    { connection, start, davit, server, replacement, timeZone }: Service,
  ) {
    const { args, environment, fds } = request;
    this.args = args;
    this.environment = environment;
    this.cwd = readlinkSync(`/proc/self/fd/${fds.cwd}`);
    this.stdout = new CollectedOutput(fds.stdout);
    this.stderr = new CollectedOutput(fds.stderr);
    this.start = start;
    this.davit = davit;
    this.initParent = new Front(connection, request, replacement);
    this.server = server;
    this.#request = request;
    refuseCallersOwn(this.cwd, args, environment);
    if (environment.TZ !== timeZone)
      throw new LeftToCaller("its time zone differs from the server's");
  }

  async begin({ name, ownProcess, repeatable }: CommandNeeds): Promise<void> {
    this.command = name;
    const reason = await ownProcess?.();
    if (reason !== undefined) throw new LeftToCaller(reason);
    if (!repeatable) this.permit();
  }

  /**
   * Takes the permit to do what cannot be done twice. Throws {@link LeftToCaller} if the front has
   * taken it back.
   */
  permit(): void {
    if (this.#permitted) return;
    try {
      readSync(this.#request.fds.permit, Buffer.alloc(8));
    } catch (error) {
      if (!hasErrno(error, 'EAGAIN')) throw error;
      throw new LeftToCaller('the front has waited too long');
    }
    this.#permitted = true;
  }

  creating<T>(path: string, action: () => T): T {
    const found = statSync(path, { throwIfNoEntry: false });
    if (found && !found.isFile()) throw new LeftToCaller(`${path} may block`);
    return this.initParent.creating(action);
  }
}

/**
 * /proc/self, /dev/stdin, /dev/tty and the like mean other files for the server than for the
 * caller.
 */
const OWN_FILES = ['/proc/', '/dev/fd', '/dev/std', '/dev/tty'];

function refuseCallersOwn(cwd: string, args: readonly string[], environment: Environment): void {
  // readlink(2) says so of a directory that was removed, or that is not below the root.
  if (!cwd.startsWith('/') || cwd.endsWith(' (deleted)')) {
    throw new LeftToCaller('its working directory has no path');
  }
  if ([`${cwd}/`, ...args].some((text) => OWN_FILES.some((own) => text.includes(own)))) {
    throw new LeftToCaller('it names files of its own, such as /dev/stdin');
  }
  const { DAVIT_TRACE_DIR } = environment;
  if (DAVIT_TRACE_DIR && !DAVIT_TRACE_DIR.startsWith('/')) {
    throw new LeftToCaller('DAVIT_TRACE_DIR is relative');
  }
}
