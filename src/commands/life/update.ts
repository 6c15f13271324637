import { readFileSync } from 'node:fs';
import { string } from '@oclif/core/flags';
import { DavitCommand } from '../../cli/command.ts';
import { text } from '../../cli/flags.ts';
import { callersPath } from '../../cli/invocation.ts';
import { containerId } from '../../cli/operands.ts';
import { resourcesOf } from '../../cli/resource-flags.ts';
import { parseResources } from '../../config/load.ts';
import type { LinuxResources } from '../../config/types.ts';
import { resources as shape } from '../../config/validate/resources.ts';
import { unknownFieldsWarning } from '../../config/warnings/unknown-fields.ts';
import { update } from '../../operations/life/update.ts';

const STDIN = 0;

const NO_LIMIT = 'davit update --help lists the limits';

const obsolete = () => string({ hidden: true, description: 'obsolete and ignored' });

export default class Update extends DavitCommand {
  static override description = `change the resource limits of a container

The file holds JSON as in linux.resources of config.json. Limits that it
leaves out stay the same. With a file, the other flags are ignored.`;
  static override args = { id: containerId() };
  static override flags = {
    resources: text("JSON file with the resources to change, '-' for standard input", 'r'),
    'blkio-weight': text('block I/O weight, 10 to 1000'),
    'cpu-period': text('CPU period of the quota, in microseconds; 0 for the default'),
    'cpu-quota': text('CPU time allowed in a period, in microseconds'),
    'cpu-burst': text('CPU time beyond the quota that may be saved up, in microseconds'),
    'cpu-share': text('CPU shares, relative to those of other containers'),
    'cpu-rt-period': text('CPU period of realtime processes, in microseconds'),
    'cpu-rt-runtime': text('CPU time of realtime processes in a period, in microseconds'),
    'cpu-idle': text('1 makes the container SCHED_IDLE, 0 undoes it'),
    'cpuset-cpus': text('CPUs to run on, such as 0-3,7'),
    'cpuset-mems': text('memory nodes to use'),
    'kernel-memory': obsolete(),
    'kernel-memory-tcp': obsolete(),
    memory: text('limit on memory, in bytes or with a unit; -1 for none'),
    'memory-reservation': text('memory that is left to the container when it gets scarce'),
    'memory-swap': text('limit on memory and swap together; -1 for none'),
    'pids-limit': text('limit on the number of processes; -1 for none'),
    'l3-cache-schema': text('Intel RDT/CAT L3 cache schema'),
    'mem-bw-schema': text('Intel RDT/MBA memory bandwidth schema'),
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
