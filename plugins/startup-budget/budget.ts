/** Milliseconds: in total, and by stage. */
export interface Budget {
  total?: number | undefined;
  stages: Record<string, number>;
}

/** The time that a container's start has taken, in milliseconds. */
export interface Durations {
  /** The time of create and start, including time outside of stages. */
  total: number;
  stages: Readonly<Record<string, number>>;
}

/** A budget that was exceeded: `total` or a stage. */
export interface Excess {
  subject: string;
  message: string;
}

export function excesses(budget: Budget, spending: Durations): Excess[] {
  const over: Excess[] = [];
  if (budget.total !== undefined && spending.total > budget.total) {
    const message = `startup took ${ms(spending.total)} of a budget of ${ms(budget.total)}`;
    over.push({ subject: 'total', message: `${message}: ${describeLongest(spending)}` });
  }
  for (const [stage, limit] of Object.entries(budget.stages)) {
    const spent = spending.stages[stage] ?? 0;
    if (spent <= limit) continue;
    over.push({
      subject: stage,
      message: `${stage} took ${ms(spent)} of a budget of ${ms(limit)}`,
    });
  }
  return over;
}

/** The part that took longest. The start of davit's process belongs to no stage. */
function describeLongest({ total, stages }: Durations): string {
  const inStages = Object.values(stages).reduce((sum, spent) => sum + spent, 0);
  const all = [
    ...Object.entries(stages),
    ['the time outside of stages', total - inStages] as const,
  ];
  const [name, spent] = all.reduce((most, one) => (one[1] > most[1] ? one : most));
  return `${name} took ${ms(spent)} of it (${Math.round((spent / total) * 100)}%)`;
}

const ms = (milliseconds: number): string =>
  `${milliseconds < 10 ? milliseconds.toPrecision(2) : Math.round(milliseconds)} ms`;
