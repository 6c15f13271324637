export type Phase = 'before' | 'after' | 'error';

const names = new Map<string, Record<Phase, string>>();

/**
 * `exec:before` and the like. A walk looks several of them up at each stage: strings that are made
 * once are found faster.
 */
export function eventName<S extends string, P extends Phase>(stage: S, phase: P): `${S}:${P}` {
  let known = names.get(stage);
  if (known === undefined) {
    known = { before: `${stage}:before`, after: `${stage}:after`, error: `${stage}:error` };
    names.set(stage, known);
  }
  return known[phase] as `${S}:${P}`;
}
