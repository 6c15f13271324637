import { DavitCommand } from '../../cli/command.ts';
import { count, flag, text, texts } from '../../cli/flags.ts';
import { pathOf } from '../../cli/launch-request.ts';
import { containerId, rest } from '../../cli/operands.ts';
import { RuntimeError } from '../../errors/runtime-error.ts';
import { exec, execInForeground } from '../../operations/life/exec.ts';

export default class Exec extends DavitCommand {
  static override description = `run another program in a container

Flags end at the container's id: everything after it is the program and
its arguments. Exits with the program's status, or with 255 when it could
not be run.`;
  static override operands = { min: 1, max: Infinity, stopAfter: 1 };
  static override failureStatus = 255;
  static override args = {
    id: containerId(),
    command: rest('program and arguments'),
  };
  static override flags = {
    'console-socket': text('unix socket that receives the master end of the terminal'),
    'pidfd-socket': text('unix socket that receives a pidfd of the process'),
    cwd: text('working directory in the container'),
    env: texts('NAME=value to add to the environment', 'e'),
    tty: flag('give the process a terminal', 't'),
    user: text('uid[:gid] to run as', 'u'),
    'additional-gids': texts('supplementary group to add', 'g'),
    process: text('file that holds the process as config.json would', 'p'),
    detach: flag('leave the process running and return', 'd'),
    'pid-file': text('file to write the process id to'),
    'process-label': text('SELinux label of the process'),
    apparmor: text('AppArmor profile of the process'),
    'no-new-privs': flag('set no_new_privs'),
    cap: texts('capability to add', 'c'),
    'preserve-fds': count('further file descriptors to hand over, after stdio and $LISTEN_FDS'),
    cgroup: texts('cgroup below that of the container to run in: [controller[,controller]:]path'),
    'ignore-paused': flag('go ahead in a paused container'),
  };

  protected override async ownProcess(): Promise<string | undefined> {
    const request = await this.#request();
    const { whyOwnExec } = await import('../../server/own-process.ts');
    return this.ownProcessForPlugins() ?? whyOwnExec(request, this.invocation.initParent);
  }

  async run(): Promise<number> {
    return exec(await this.#request());
  }

  async #request() {
    const { args, flags } = await this.parse(Exec);
    const path = pathOf(this.invocation);
    return {
      ...this.container(args.id),
      args: (args.command as string[] | undefined) ?? [],
      ...path('processFile', flags.process),
      ...(flags.cwd && { cwd: flags.cwd }),
      env: flags.env ?? [],
      tty: flags.tty ?? false,
      ...(flags.user && { user: flags.user }),
      additionalGids: (flags['additional-gids'] ?? []).map(gid),
      detach: flags.detach ?? false,
      ...path('pidFile', flags['pid-file']),
      ...(flags['process-label'] && { processLabel: flags['process-label'] }),
      ...(flags.apparmor && { apparmor: flags.apparmor }),
      ...(flags['no-new-privs'] !== undefined && { noNewPrivs: flags['no-new-privs'] }),
      caps: flags.cap ?? [],
      preserveFds: flags['preserve-fds'],
      cgroup: flags.cgroup ?? [],
      ...(!flags.detach && { supervise: execInForeground(this.settings.program?.terminal) }),
      ignorePaused: flags['ignore-paused'] ?? false,
      ...path('consoleSocket', flags['console-socket']),
      ...path('pidfdSocket', flags['pidfd-socket']),
      session: this.session(),
    };
  }
}

function gid(text: string): number {
  if (/^\d+$/.test(text)) return Number(text);
  if (/^-\d+$/.test(text)) {
    throw new RuntimeError(`additional-gids must be a positive number ${text}`);
  }
  throw new RuntimeError(`additional-gids: ${JSON.stringify(text)} is not a number`);
}
