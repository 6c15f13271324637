import { RuntimeError } from '../../errors/runtime-error.ts';

/** The error for a --format that `list` and `ps` do not have. The message is runc's. */
export const invalidFormat = (): RuntimeError =>
  new RuntimeError('invalid format option', "--format takes 'table' or 'json'");
