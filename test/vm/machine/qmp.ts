import type { Lines } from './lines.ts';

type Reply = { return?: Record<string, unknown>; error?: { desc: string }; event?: string };

/** QEMU's monitor: docs/interop/qmp-spec.rst. */
export class Qmp {
  readonly #lines: Lines;

  private constructor(lines: Lines) {
    this.#lines = lines;
  }

  static async open(lines: Lines): Promise<Qmp> {
    await lines.next(); // the greeting
    const qmp = new Qmp(lines);
    await qmp.execute('qmp_capabilities');
    return qmp;
  }

  /** Returns QEMU's result. Throws QEMU's error, or if QEMU has gone. */
  async execute(command: string, options: object = {}): Promise<Record<string, unknown>> {
    this.#lines.send(`${JSON.stringify({ execute: command, arguments: options })}\n`);
    for (;;) {
      const line = await this.#lines.next();
      if (line === undefined) throw new Error(`QEMU ended at ${command}`);
      const { return: value, error, event } = JSON.parse(line) as Reply;
      if (event !== undefined) continue;
      if (error !== undefined) throw new Error(`QEMU: ${command}: ${error.desc}`);
      return value!;
    }
  }
}
