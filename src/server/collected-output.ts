import { FdOutput } from '../cli/output/output.ts';

/**
 * What a served command prints. The server never writes to its callers' files: one that blocks would
 * keep all others waiting. The front writes, when the command has ended.
 */
export class CollectedOutput extends FdOutput {
  #text = '';

  override write(text: string): boolean {
    this.#text += text;
    return true;
  }

  get bytes(): Buffer {
    return Buffer.from(this.#text);
  }
}
