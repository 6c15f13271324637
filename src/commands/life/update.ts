import { readFileSync } from 'node:fs';
import { DavitCommand } from '../../cli/command.ts';
import { text } from '../../cli/flags.ts';
import { callersPath } from '../../cli/invocation.ts';
import { containerId } from '../../cli/operands.ts';
import { resourceFlags, resourcesOf } from '../../cli/resource-flags.ts';
import { parseResources } from '../../config/load.ts';
import type { LinuxResources } from '../../config/types.ts';
import { resources as shape } from '../../config/validate/resources.ts';
import { unknownFieldsWarning } from '../../config/warnings/unknown-fields.ts';
import { update } from '../../operations/life/update.ts';

const STDIN = 0;

const NO_LIMIT = 'davit update --help lists the limits';

export default class Update extends DavitCommand {
  static override description = `change the resource limits of a container

The file holds JSON as in linux.resources of config.json. Limits that it
leaves out stay the same. With a file, the other flags are ignored.`;
  static override args = { id: containerId() };
  static override flags = {
    resources: text("JSON file with the resources to change, '-' for standard input", 'r'),
    ...resourceFlags,
  };

  protected override async ownProcess(): Promise<string | undefined> {
    const { flags } = await this.parse(Update);
    const reading = flags.resources && 'it reads what the caller names, which may take long';
    return this.ownProcessForPlugins() ?? reading;
  }

  async run(): Promise<undefined> {
    const { args, flags } = await this.parse(Update);
    const { resources: file } = flags;
    const resources = file
      ? readResources(file, callersPath(this.invocation, file))
      : resourcesOf(flags);
    for (const warning of unknownFieldsWarning(resources, shape)) {
      this.settings.log.warning(`update: ${warning}`);
    }
    if (Object.values(resources).every((part) => Object.keys(part).length === 0)) {
      this.settings.log.warning('update: no limit is given, so nothing changes', NO_LIMIT);
    }
    await update({
      ...this.container(args.id),
      resources,
      ...(file && { source: file === '-' ? 'standard input' : file }),
      session: this.session(),
    });
  }
}

function readResources(file: string, path: string): LinuxResources {
  if (file === '-') return parseResources(readFileSync(STDIN, 'utf8'), 'standard input', shape);
  return parseResources(readFileSync(path, 'utf8'), file, shape);
}
