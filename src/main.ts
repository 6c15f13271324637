import { main } from './cli/main.ts';
import { ownInvocation } from './cli/own-invocation.ts';
import { exitNow } from './syscalls/task/process.ts';

const invocation = ownInvocation(main);
process.title = ['davit', ...invocation.args].join(' ');
// Nothing is pending and all output is synchronous, so exit handlers are skipped: koffi's would
// sync a stdout that is a file to the disk.
main(invocation).then(exitNow);
