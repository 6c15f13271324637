import { string } from '@oclif/core/args';

/** Standard input belongs to the container. oclif would read a missing operand from it. */
const ignoreStdin = true;

/** The operand nearly every command takes. */
export const containerId = () =>
  string({ description: 'name of the container', required: true, ignoreStdin });

/** An operand that may be left out. */
export const optional = (description: string) => string({ description, ignoreStdin });

/** All remaining operands. */
export const rest = (description: string) => string({ description, multiple: true, ignoreStdin });
