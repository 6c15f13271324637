import type { LifecycleBus } from '../bus/bus.ts';
import { eventName } from '../bus/event-names.ts';
import { ASKED_PHASES } from '../bus/questions.ts';
import type { AppliesContext } from '../context/applies-context.ts';
import type { Stage } from '../context/stage.ts';

/** The applicable stages, up to the execution of the program: all that init walks. */
export function stagesOfInit(ctx: AppliesContext, stages: readonly Stage[]): readonly Stage[] {
  const applicable = stages.filter((stage) => !stage.applies || stage.applies(ctx));
  return applicable.slice(0, applicable.findIndex((stage) => 'execs' in stage) + 1);
}

/** True where init waits for `start` as a trampoline. `stages` are those that init walks. */
export const startsInTrampoline = ({ bus }: AppliesContext, stages: readonly Stage[]): boolean =>
  needsNoJavaScript(
    bus,
    stages.slice(stages.findIndex((stage) => stage.side === 'container' && stage.takesTurn)),
  );

/** True when the stages of init are system calls alone, and no subscriber takes part in one. */
export const needsNoJavaScript = (bus: LifecycleBus, stages: readonly Stage[]): boolean =>
  stages.every((stage) => stage.side === 'runtime' || (stage.calls && !isExtended(bus, stage)));

const isExtended = (bus: LifecycleBus, { name }: Stage): boolean =>
  ASKED_PHASES.some((phase) => {
    const question = eventName(name, phase);
    return bus.hasInterceptors(question) || bus.inContainer(question).length > 0;
  });
