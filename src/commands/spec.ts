import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { DavitCommand } from '../cli/command.ts';
import { flag, text } from '../cli/flags.ts';
import { callersPath } from '../cli/invocation.ts';
import { defaultSpec } from '../config/default-spec.ts';
import { atPath } from '../errors/node-error.ts';
import { RuntimeError } from '../errors/runtime-error.ts';
import { hasErrno } from '../errors/syscall-error.ts';

const FILE = 'config.json';

export default class Spec extends DavitCommand {
  static override description = `write a config.json to begin with

It runs sh in a directory named rootfs: edit it to the container's needs.`;
  static override operands = { min: 0, max: 0 };
  static override flags = {
    bundle: text('directory to write to (the current one unless given)', 'b'),
    file: text('file to write or overwrite (a new config.json unless given)', 'f'),
    rootless: flag('write one that an ordinary user can run, in a user namespace'),
  };

  protected override async ownProcess(): Promise<string | undefined> {
    const { flags } = (await this.parse(Spec)) as { flags: SpecFlags };
    return flags.file && 'it opens what the caller names, which may take long';
  }

  async run(): Promise<undefined> {
    // A cast: by type, --rootless is also the global flag with the same name.
    const { flags } = (await this.parse(Spec)) as { flags: SpecFlags };
    const { bundle = '', file, rootless = false } = flags;
    const path = resolve(callersPath(this.invocation, bundle), file ?? FILE);
    const text = JSON.stringify(defaultSpec({ rootless }), null, '\t');
    try {
      // `wx`: an existing file is overwritten only when the user names it.
      const flag = file ? 'w' : 'wx';
      const write = () => writeFileSync(path, text, { flag, mode: 0o666 });
      atPath(path, () => this.invocation.creating(path, write));
    } catch (error) {
      if (!hasErrno(error, 'EEXIST')) throw error;
      throw new RuntimeError(`File ${FILE} exists. Remove it first`);
    }
  }
}

interface SpecFlags {
  bundle?: string;
  file?: string;
  rootless?: true;
}
