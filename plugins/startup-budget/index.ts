import { definePlugin, type PluginContext } from 'davit/plugin';
import { type Budget, type Excess, excesses } from './budget.ts';
import { ANNOTATION, budgetOf, type Options, readOptions } from './options.ts';

/** Notes about a container from create to start. */
interface Notes {
  budget: Budget;
  /** Milliseconds by stage. */
  stages: Record<string, number>;
  /** Milliseconds that create took. */
  created: number;
  /** Names of exceeded budgets that were reported already. */
  reported: string[];
}

type Context = PluginContext<Options, Notes>;

/** Reports or refuses a container whose start exceeds a budget, in total or in a stage. */
export default definePlugin<Options, Notes>({
  name: 'startup-budget',
  options: (given, { stages }) => readOptions(given, stages),
  validate(spec, { options, notes }) {
    notes.budget = budgetOf(spec.annotations?.[ANNOTATION], options);
  },
  before: {
    // The last stages before which a container can be refused: before it exists, and before its
    // program runs.
    saveState: refuseExcess,
    exec: refuseExcess,
  },
  on: {
    'stage:after': ({ stage, duration }, context) => {
      if (!isStartup(context)) return;
      const { notes } = context;
      notes.stages ??= {};
      notes.stages[stage] = (notes.stages[stage] ?? 0) + duration;
    },
    'container:created': (_event, context) => {
      report(context);
      if (context.command === 'create') context.notes.created = context.elapsed();
    },
    'container:running': (_event, context) => report(context),
  },
});

function refuseExcess(context: Context): void {
  const [excess] = context.options.enforce ? currentExcesses(context) : [];
  if (excess) throw new Error(excess.message);
}

function report(context: Context): void {
  const { notes, log } = context;
  const reported = notes.reported ?? [];
  for (const { subject, message } of currentExcesses(context)) {
    if (reported.includes(subject)) continue;
    log(message);
    reported.push(subject);
  }
  if (reported.length > 0) notes.reported = reported;
}

function currentExcesses(context: Context): Excess[] {
  const { budget, stages = {}, created = 0 } = context.notes;
  if (!budget || !isStartup(context)) return [];
  return excesses(budget, { total: created + context.elapsed(), stages });
}

/** Only these commands start a container. The program's own time does not count. */
const isStartup = ({ command }: Context): boolean => ['create', 'start', 'run'].includes(command);
