import type { StoredCommand } from '../read-traces.ts';

/** More commands of one name in a row than this are folded: a health check runs exec for days. */
const SHOWN = 3;

/** A command that is drawn, and the commands after it that are summed up in one line. */
interface Repeated {
  command: StoredCommand;
  folded: StoredCommand[];
}

/** Draws the first of many commands with the same name in a row, and all that failed. */
export function foldRepeated(commands: readonly StoredCommand[]): Repeated[] {
  const items: Repeated[] = [];
  for (const [index, command] of commands.entries()) {
    const last = items.at(-1);
    const foldable = command.root.error === undefined && sameNameInARow(commands, index) > SHOWN;
    if (foldable && last?.command.root.name === command.root.name) last.folded.push(command);
    else items.push({ command, folded: [] });
  }
  return items;
}

/** The number of neighbours with the same name as the command at `index`, itself included. */
function sameNameInARow(commands: readonly StoredCommand[], index: number): number {
  const same = (at: number) => commands[at]?.root.name === commands[index]!.root.name;
  let [from, to] = [index, index];
  while (same(from - 1)) from--;
  while (same(to + 1)) to++;
  return to - from + 1;
}
