/** The spellings that parseArgv accepts, without values joined by `=`. */
const ENVIRONMENT_FLAGS = ['-e', '--e', '-env', '--env'];

/**
 * A command line for the trace, which may be sent to a backend. Variables of `exec --env` appear
 * without their values.
 */
export const redactArgs = (args: readonly string[]): string[] =>
  args.map((arg, i) => {
    if (ENVIRONMENT_FLAGS.includes(args[i - 1] ?? '')) return redactVariable(arg);
    const end = arg.indexOf('=');
    if (!ENVIRONMENT_FLAGS.includes(arg.slice(0, end))) return arg;
    return `${arg.slice(0, end)}=${redactVariable(arg.slice(end + 1))}`;
  });

function redactVariable(variable: string): string {
  const end = variable.indexOf('=');
  return end < 0 ? variable : `${variable.slice(0, end)}=…`;
}
