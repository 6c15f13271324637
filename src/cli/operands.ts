import { string } from '@oclif/core/args';

/** Standard input is the container's: oclif would read it for an operand that is missing. */
const ignoreStdin = true;

/** The operand nearly every command takes. */
export const containerId = () =>
  string({ description: 'name of the container', required: true, ignoreStdin });

/** An operand that may be left out. */
export const optional = (description: string) => string({ description, ignoreStdin });

/** All operands that are left. */
export const rest = (description: string) => string({ description, multiple: true, ignoreStdin });
