/**
 * What davit does with oclif's help, configuration and packages of commands. A bundle of its own,
 * loaded on demand: other commands need only oclif's definitions of flags.
 */
export { printHelp } from '../output/help.ts';
export { packageCommandIds, runPackageCommand } from './package-command.ts';
