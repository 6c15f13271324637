import { main } from './cli/main.ts';

/** process.exit without its 'exit' event: nothing is pending, and all output is synchronous. */
const { reallyExit } = process as NodeJS.Process & { reallyExit(status: number): never };

const args = process.argv.slice(2);
process.title = ['davit', ...args].join(' ');
main(args).then((status) => reallyExit.call(process, status));
