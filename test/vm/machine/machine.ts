import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { Lines } from './lines.ts';
import { Ports } from './ports.ts';
import { type Hardware, qemuArguments, qemuProgram } from './qemu.ts';
import { Qmp } from './qmp.ts';

/** The file with the guest's memory is mapped directly, and is not part of the saved state. */
const IGNORE_SHARED = { capabilities: [{ capability: 'x-ignore-shared', state: true }] };

/**
 * Milliseconds after which a guest counts as hung: in all, while it boots, and without output. The
 * tests of a file are printed together.
 */
const LIFETIME = 45 * 60_000;
const BOOT = 5 * 60_000;
const SILENCE = 10 * 60_000;

/** Gets a job's output as it comes. */
export type Print = (text: Buffer, stream: 'out' | 'err') => void;

/** A running VM. It boots, or resumes a saved state, and does one job. */
export class Machine {
  readonly #process: ChildProcess;
  readonly #ports: Ports;
  readonly #control: Lines;
  readonly #monitor: Qmp;
  readonly #ended: Promise<unknown>;

  private constructor(...[child, ports, control, monitor]: [ChildProcess, Ports, Lines, Qmp]) {
    this.#process = child;
    this.#ports = ports;
    this.#control = control;
    this.#monitor = monitor;
    this.#ended = once(child, 'exit');
    const limit = setTimeout(() => child.kill('SIGKILL'), LIFETIME);
    child.once('exit', () => clearTimeout(limit));
  }

  /** Starts a machine. `state` is a file that `save` wrote. */
  static async start(hardware: Hardware, state?: string): Promise<Machine> {
    const ports = new Ports();
    const args = await qemuArguments(hardware, ports);
    const { file, env } = qemuProgram(hardware.image, 'qemu-system-x86_64');
    // QEMU keeps temporary writes to disks in TMPDIR.
    const TMPDIR = `${hardware.image}/tmp`;
    mkdirSync(TMPDIR, { recursive: true });
    // QEMU ends with this process, however that ends.
    const child = spawn('setpriv', ['--pdeathsig', 'KILL', file, ...args], {
      env: { ...env, TMPDIR },
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    const monitor = new Lines(await connectionOf(child, ports, 'qmp'));
    const control = new Lines(await ports.connection('control'));
    const machine = new Machine(child, ports, control, await Qmp.open(monitor));
    if (state === undefined) await machine.#expectReady();
    else await machine.#wake(state);
    return machine;
  }

  /**
   * Runs a shell script as root, in the host's directory. Returns its exit status; throws if the
   * machine ends first.
   */
  async run(script: string, print: Print): Promise<number> {
    const silence = setTimeout(() => this.#process.kill('SIGKILL'), SILENCE);
    const ended = (['out', 'err'] as const).map(async (name) => {
      const socket = await this.#ports.connection(name);
      socket.on('data', (data: Buffer) => {
        silence.refresh();
        print(data, name);
      });
      return await endOf(socket);
    });
    const seconds = Math.floor(Date.now() / 1000);
    this.#control.send(`${seconds} ${Buffer.byteLength(script)}\n${script}`);
    const line = await this.#control.next();
    clearTimeout(silence);
    const status = /^exit (\d+)$/.exec(line ?? '')?.[1];
    const console = this.#console();
    await this.powerOff();
    await Promise.all(ended);
    if (status === undefined) throw new Error(`the VM ended without a status\n${console}`);
    return Number(status);
  }

  /**
   * Writes the machine's state into `file` and ends it. Its memory and disk are in their own files.
   */
  async save(file: string): Promise<void> {
    await this.#monitor.execute('migrate-set-capabilities', IGNORE_SHARED);
    await this.#monitor.execute('migrate', { uri: `exec:cat >'${file}'` });
    for (;;) {
      const { status } = await this.#monitor.execute('query-migrate');
      if (status === 'completed') break;
      if (status === 'failed') throw new Error('the state of the VM could not be saved');
      await delay(50);
    }
    await this.powerOff();
  }

  /** Ends the machine as a power cut does: without a notice to the guest. */
  async powerOff(): Promise<void> {
    this.#process.kill('SIGKILL');
    await this.#ended;
    this.#ports.close();
  }

  /** The last messages of the guest's kernel and systemd. */
  #console(): string {
    const path = `${this.#ports.dir}/console`;
    return existsSync(path) ? readFileSync(path, 'utf8').slice(-4000) : '';
  }

  async #expectReady(): Promise<void> {
    const limit = setTimeout(() => this.#process.kill('SIGKILL'), BOOT);
    const said = await this.#control.next();
    clearTimeout(limit);
    if (said === 'ready') return;
    const console = this.#console();
    await this.powerOff();
    throw new Error(`the VM did not boot\n${console}`);
  }

  async #wake(state: string): Promise<void> {
    await this.#monitor.execute('migrate-set-capabilities', IGNORE_SHARED);
    await this.#monitor.execute('migrate-incoming', { uri: `exec:cat '${state}'` });
  }
}

async function connectionOf(child: ChildProcess, ports: Ports, name: string): Promise<Socket> {
  const ended = once(child, 'exit').then(() => {
    ports.close();
    throw new Error('QEMU did not start');
  });
  return await Promise.race([ports.connection(name), ended]);
}

async function endOf(socket: Socket): Promise<void> {
  socket.on('error', () => {});
  if (!socket.readableEnded) await once(socket, 'close');
}
