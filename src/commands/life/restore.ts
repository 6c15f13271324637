import { DavitCommand } from '../../cli/command.ts';
import { criuFlags, criuOptions } from '../../cli/criu-flags.ts';
import { flag, launchFlags, text } from '../../cli/flags.ts';
import { launchRequest } from '../../cli/launch-request.ts';
import { containerId } from '../../cli/operands.ts';
import { beginForeground } from '../../operations/launch/foreground.ts';
import { restore } from '../../operations/life/restore.ts';

const { bundle, config, 'console-socket': consoleSocket } = launchFlags;

export default class Restore extends DavitCommand {
  static override description = `make a container from a checkpoint with criu

Waits for the program, unless detached, and exits with its status:
128 + n where signal n killed it. Needs criu 3.15 or newer in PATH.`;
  static override args = { id: containerId() };
  static override flags = {
    ...criuFlags,
    bundle,
    config,
    'console-socket': consoleSocket,
    'pidfd-socket': launchFlags['pidfd-socket'],
    'pid-file': launchFlags['pid-file'],
    'no-pivot': flag('accepted, and ignored: criu makes the mounts'),
    detach: flag('leave the program running and return', 'd'),
    'no-subreaper': flag('do not adopt the orphans of the container'),
    'lsm-profile': text(
      "security label in place of the saved one: 'apparmor:NAME' or 'selinux:LABEL'",
    ),
    'lsm-mount-context': text('SELinux label of mounts in place of the saved one'),
  };

  protected override ownProcess(): string {
    return 'the init of a container descends from its caller';
  }

  async run(): Promise<number> {
    const { args, flags } = await this.parse(Restore);
    const { 'lsm-profile': lsmProfile, 'lsm-mount-context': lsmMountContext } = flags;
    const launch = { ...flags, 'no-new-keyring': true, 'preserve-fds': 0 };
    return restore({
      ...(await launchRequest(args.id, launch, this.settings, this.invocation)),
      ...criuOptions(flags, this.invocation),
      ...(lsmProfile && { lsmProfile }),
      ...(lsmMountContext && { lsmMountContext }),
      detach: flags.detach ?? false,
      supervise: flags.detach ? undefined : beginForeground,
      noSubreaper: flags['no-subreaper'] ?? false,
      session: this.session(),
    });
  }
}
