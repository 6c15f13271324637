/** Milliseconds: in all, and by stage. */
export interface Budget {
  total?: number | undefined;
  stages: Record<string, number>;
}

/** What a container has spent, in milliseconds. */
export interface Spending {
  /** All of create and start, what is not a stage's included. */
  total: number;
  stages: Readonly<Record<string, number>>;
}

/** What a container spent too much on: `total` or a stage. */
export interface Excess {
  of: string;
  message: string;
}

export function excesses(budget: Budget, spending: Spending): Excess[] {
  const over: Excess[] = [];
  if (budget.total !== undefined && spending.total > budget.total) {
    const message = `startup took ${ms(spending.total)} of a budget of ${ms(budget.total)}`;
    over.push({ of: 'total', message: `${message}: ${mostOf(spending)}` });
  }
  for (const [stage, limit] of Object.entries(budget.stages)) {
    const spent = spending.stages[stage] ?? 0;
    if (spent <= limit) continue;
    over.push({ of: stage, message: `${stage} took ${ms(spent)} of a budget of ${ms(limit)}` });
  }
  return over;
}

/** What ate most of it; that davit itself has to start is no stage's doing. */
function mostOf({ total, stages }: Spending): string {
  const inStages = Object.values(stages).reduce((sum, spent) => sum + spent, 0);
  const all = [...Object.entries(stages), ['what is no stage', total - inStages] as const];
  const [name, spent] = all.reduce((most, one) => (one[1] > most[1] ? one : most));
  return `${name} took ${ms(spent)} of it (${Math.round((spent / total) * 100)}%)`;
}

const ms = (milliseconds: number): string =>
  `${milliseconds < 10 ? milliseconds.toPrecision(2) : Math.round(milliseconds)} ms`;
