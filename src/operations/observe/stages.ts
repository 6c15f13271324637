import { lifecycle } from '../../lifecycle/stages.ts';

/** One row of `davit stages`. */
interface StageRow {
  /** The name of its list: `create`, `start` … */
  phase: string;
  name: string;
  side: 'runtime' | 'container';
  summary: string;
}

/** Every stage, in the order in which it runs. */
export function stages(): StageRow[] {
  return Object.entries(lifecycle).flatMap(([phase, list]) =>
    list.map(({ name, side, summary }) => ({ phase, name, side, summary })),
  );
}
