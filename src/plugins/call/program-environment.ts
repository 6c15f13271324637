import type { InitContext } from '../../lifecycle/context.ts';
import type { ProgramEnvironment } from '../container-context.ts';

/**
 * The variables of the program in `ctx`: those of its configuration and, once dropCapabilities has
 * laid out what the program gets, these. A name that is given twice counts with its last value.
 */
export function programEnvironment(ctx: InitContext): ProgramEnvironment {
  const { process } = ctx;
  const lists = (): string[][] => {
    process.env ??= [];
    return [process.env, ctx.environment];
  };
  const current = (): readonly string[] =>
    ctx.environment.length > 0 ? ctx.environment : (process.env ?? []);
  return {
    get(name) {
      const found = current().findLast((variable) => variable.startsWith(`${name}=`));
      return found?.slice(name.length + 1);
    },
    set(name, value) {
      if (name === '' || /[=\0]/.test(name) || value.includes('\0')) {
        throw new Error(`${JSON.stringify(name)} cannot be a variable of the environment`);
      }
      for (const list of lists()) replace(list, name, `${name}=${value}`);
    },
    delete(name) {
      for (const list of lists()) replace(list, name);
    },
  };
}

function replace(list: string[], name: string, ...variables: string[]): void {
  const kept = list.filter((variable) => !variable.startsWith(`${name}=`));
  list.splice(0, list.length, ...kept, ...variables);
}
