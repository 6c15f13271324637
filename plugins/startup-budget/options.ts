import type { StageName } from 'davit/plugin';
import type { Budget } from './budget.ts';

export interface Options {
  budget: Budget;
  /** Refuse a container that is over its budget. */
  enforce: boolean;
  /** Names of all stages. */
  stageNames: readonly StageName[];
}

/** The annotation with a container's own budget: `500`, or `total=500,createRuntimeHooks=200`. */
export const ANNOTATION = 'org.davit.startup-budget';

export function readOptions(given: unknown, stageNames: readonly StageName[]): Options {
  const { total, stages = {}, enforce = false, ...others } = (given ?? {}) as Given;
  for (const name of Object.keys(others)) fail(name, 'one of total, stages, enforce');
  if (typeof stages !== 'object' || stages === null)
    fail('stages', 'an object of milliseconds by stage');
  if (typeof enforce !== 'boolean') fail('enforce', 'true or false');
  const budget: Budget = {
    total: total === undefined ? undefined : limit('total', total),
    stages: {},
  };
  for (const [stage, value] of Object.entries(stages)) {
    budget.stages[stageOf(`stages.${stage}`, stage, stageNames)] = limit(`stages.${stage}`, value);
  }
  return { budget, enforce, stageNames };
}

interface Given {
  total?: unknown;
  stages?: unknown;
  enforce?: unknown;
}

/** The budget of a container: its annotation overrides the options. */
export function budgetOf(annotation: string | undefined, { budget, stageNames }: Options): Budget {
  const own: Budget = { total: budget.total, stages: { ...budget.stages } };
  if (annotation === undefined) return own;
  const where = `annotations["${ANNOTATION}"]`;
  for (const part of annotation.split(',')) {
    const [value, name = 'total'] = part
      .split('=')
      .reverse()
      .map((text) => text.trim());
    const milliseconds = limit(where, /^\d/.test(value!) ? Number(value) : value);
    if (name === 'total') own.total = milliseconds;
    else own.stages[stageOf(where, name, stageNames)] = milliseconds;
  }
  return own;
}

function limit(where: string, value: unknown): number {
  if (typeof value === 'number' && value > 0 && value < Infinity) return value;
  return fail(where, `a number of milliseconds above 0, found ${JSON.stringify(value)}`);
}

function stageOf(where: string, name: string, known: readonly string[]): string {
  return known.includes(name) ? name : fail(where, `a stage of \`davit stages\`, found ${name}`);
}

function fail(where: string, expected: string): never {
  throw new Error(`${where}: expected ${expected}`);
}
