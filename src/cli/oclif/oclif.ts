/**
 * Everything that needs more of oclif than its parser. It is a bundle of its own, loaded on demand.
 */
export { printHelp } from '../output/help.ts';
export { packageCommandIds, runPackageCommand } from './package-command.ts';
