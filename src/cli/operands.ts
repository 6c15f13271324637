import { string } from '@oclif/core/args';

/** The operand nearly every command takes. */
export const containerId = () => string({ description: 'name of the container', required: true });
