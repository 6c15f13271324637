import { integer } from '@oclif/core/flags';
import { DavitCommand } from '../../cli/command.ts';
import { criuFlags, criuOptions, pageServer } from '../../cli/criu-flags.ts';
import { flag, text } from '../../cli/flags.ts';
import { containerId } from '../../cli/operands.ts';
import { checkpoint } from '../../operations/life/checkpoint.ts';

export default class Checkpoint extends DavitCommand {
  static override description = `save a running container with criu

Writes the container's processes to --image-path and removes the
container. 'davit restore' makes it again, also on another machine.
Needs criu 3.15 or newer in PATH.`;
  static override args = { id: containerId() };
  static override flags = {
    ...criuFlags,
    'parent-path': text('images of the preceding pre-dump, relative to --image-path'),
    'leave-running': flag('leave the container running'),
    'pre-dump': flag('save only memory, and leave the container running'),
    'tcp-skip-in-flight': flag('skip TCP connections that are being established'),
    'link-remap': flag('link removed files back where criu can do so'),
    'page-server': text('ADDRESS:PORT of the page server that stores memory'),
    'status-fd': integer({
      description: 'fd that gets a NUL byte once --lazy-pages is ready',
      helpValue: '<fd>',
    }),
  };

  protected override ownProcess(): string {
    return 'it waits for criu';
  }

  async run(): Promise<undefined> {
    const { args, flags } = await this.parse(Checkpoint);
    const { 'parent-path': parentPath, 'page-server': server, 'status-fd': statusFd } = flags;
    await checkpoint({
      ...this.container(args.id),
      ...criuOptions(flags, this.invocation),
      ...(parentPath && { parentPath }),
      leaveRunning: flags['leave-running'] ?? false,
      preDump: flags['pre-dump'] ?? false,
      tcpSkipInFlight: flags['tcp-skip-in-flight'] ?? false,
      linkRemap: flags['link-remap'] ?? false,
      ...(server && { pageServer: pageServer(server) }),
      // runc's default, -1, stands for none.
      ...(statusFd !== undefined && statusFd >= 0 && { statusFd }),
      session: this.session(),
    });
  }
}
