import type { InitContext } from '../../context/init-context.ts';
import type { ProgramEnvironment } from '../container-context.ts';

/**
 * The environment of the program in `ctx`: that of its configuration, and after dropCapabilities
 * the final one. When a name is given twice, the last value counts.
 */
export function programEnvironment(ctx: InitContext): ProgramEnvironment {
  const { process: program } = ctx;
  const lists = (): string[][] => {
    program.env ??= [];
    return [program.env, ctx.environment];
  };
  const current = (): readonly string[] =>
    ctx.environment.length > 0 ? ctx.environment : (program.env ?? []);
  return {
    get(name) {
      const found = current().findLast((variable) => variable.startsWith(`${name}=`));
      return found?.slice(name.length + 1);
    },
    set(name, value) {
      if (name === '' || /[=\0]/.test(name) || value.includes('\0')) {
        throw new Error(`${JSON.stringify(name)} is not a valid name for a variable`);
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
