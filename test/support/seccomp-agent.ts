import { existsSync, writeSync } from 'node:fs';
import { SeccompAgent } from '../../src/plugins/seccomp/api.ts';

/*
 * A seccomp agent at the socket of argument 1: mkdir fails with ENOSPC, getuid and geteuid say 42, all else goes
 * on. Prints what it was asked, one call a line, when the last process is gone, or when none came and there
 * is a file named as the socket and `.gone`.
 */

const ENOSPC = 28;
const agent = new SeccompAgent(process.argv[2]!, {
  abandoned: () => existsSync(`${process.argv[2]}.gone`),
});
writeSync(1, 'ready\n');
const asked: string[] = [];
for (const call of agent.calls()) {
  asked.push(`${call.container.state.id} ${call.arch} ${call.name}`);
  if (call.name?.startsWith('mkdir')) call.fail(ENOSPC);
  else if (call.name?.endsWith('uid')) call.succeed(42n);
  else call.proceed();
}
agent.close();
writeSync(1, asked.join('\n'));
