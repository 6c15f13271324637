/** All that needs more of oclif than its parser: a bundle of its own, loaded where it is asked for. */
export { printHelp } from '../output/help.ts';
export { packageCommandIds, runPackageCommand } from './package-command.ts';
