import { main } from './cli/main.ts';
import { exitNow } from './syscalls/task/process.ts';

const args = process.argv.slice(2);
process.title = ['davit', ...args].join(' ');
// Nothing is pending and all output is synchronous, so exit handlers are skipped: koffi's would
// sync a stdout that is a file to the disk.
main(args).then(exitNow);
