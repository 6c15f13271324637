import { existsSync, writeSync } from 'node:fs';
import { SeccompAgent } from '../../../src/plugins/seccomp/api.ts';

/*
 * A seccomp agent at the socket of argument 1. mkdir fails with ENOSPC, getuid and geteuid return
 * 42, other calls continue. The agent ends when the last process has ended, or when no process came
 * and there is a file with the socket's name and `.gone`. It then prints the calls, one a line.
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
