import { checkJoined } from '../../init/remote/join-now.ts';
import type { RemoteInit } from '../../init/remote/remote-init.ts';
import { POLLIN } from '../../syscalls/poll/poll.ts';
import { pollOnEventLoop } from '../../syscalls/poll/poll-on-event-loop.ts';

/**
 * Has an init that is a front's child join the namespaces and cgroups that hooks look for at its
 * pid.
 */
export async function joinBeforeHooks(remote: RemoteInit): Promise<void> {
  const { child } = remote;
  for (let joins = remote.joinNow(); joins > 0; joins--) {
    await pollOnEventLoop([{ fd: child.socket, events: POLLIN, revents: 0 }], -1);
    checkJoined(child);
  }
}
