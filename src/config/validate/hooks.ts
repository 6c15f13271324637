import { HOOK_NAMES } from '../names/hook-names.ts';
import { integer, list, object } from './checks/shape.ts';
import { absolutePath, text } from './checks/text.ts';

const hook = object({
  required: { path: absolutePath },
  // With a longer timeout, Node's timer would fire at once.
  optional: { args: list(text), env: list(text), timeout: integer(1, 2_147_483) },
});

/** `hooks`: config.md, "POSIX-platform Hooks". */
export const hooks = object({
  optional: Object.fromEntries(HOOK_NAMES.map((name) => [name, list(hook)])),
});
