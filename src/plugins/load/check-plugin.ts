import { CONTAINER_EVENTS } from '../../bus/events.ts';
import { ASKED_PHASES } from '../../bus/questions.ts';
import { isObject } from '../../config/is-object.ts';
import { nearestName } from '../../errors/nearest-name.ts';
import { lifecycle, stageNames } from '../../lifecycle/stages.ts';
import { fields } from '../adjust/fields.ts';
import type { Plugin } from '../api.ts';
import { PluginError } from '../call/plugin-error.ts';

type Refuse = (what: string, expected: string) => never;

const FUNCTIONS = ['options', 'adjust', 'validate'];
const PARTS = ['name', 'claims', 'before', 'after', 'inContainer', 'on', ...FUNCTIONS];

/** Checks a plugin at run time, as a compiler would. `place` names it until its `name` is known. */
export function checkPlugin(value: unknown, place: string): Plugin {
  if (!isObject(value)) {
    throw new PluginError(
      place,
      'the default export is not a plugin: expected definePlugin({ name })',
    );
  }
  const { name } = value;
  if (typeof name !== 'string' || !/^[-\w.@/]+$/.test(name)) {
    throw new PluginError(place, 'name: expected letters, digits and -._@/');
  }
  const refuse: Refuse = (what, expected) => {
    throw new PluginError(name, `${what}: expected ${expected}`);
  };
  checkKeys(value, '', PARTS, refuse);
  for (const part of FUNCTIONS) if (part in value) checkFunction(value[part], part, refuse);
  checkClaims(value.claims, refuse);
  const names = namesByUse();
  checkCalls(value.before, 'before', names.all, refuse);
  checkCalls(value.after, 'after', names.awaited, refuse);
  checkInContainer(value.inContainer, names.init, refuse);
  checkCalls(value.on, 'on', eventNames(names.all), refuse);
  return value as unknown as Plugin;
}

function namesByUse() {
  const list = Object.values(lifecycle).flat();
  const all = stageNames();
  const container = new Set<string>(
    list.filter(({ side }) => side === 'container').map(({ name }) => name),
  );
  const awaited = all.filter((name) => name !== 'exec');
  return { all, awaited, init: all.filter((name) => container.has(name) && name !== 'startWait') };
}

const eventNames = (stages: readonly string[]): string[] => [
  ...['stage', ...stages].flatMap((name) =>
    ['before', 'after', 'error'].map((p) => `${name}:${p}`),
  ),
  ...CONTAINER_EVENTS.map((status) => `container:${status}`),
  ...['command:after', 'command:error'],
];

function checkClaims(claims: unknown, refuse: Refuse): void {
  if (claims === undefined) return;
  if (!Array.isArray(claims)) refuse('claims', 'a list of fields');
  for (const claim of claims as unknown[]) {
    if (Object.hasOwn(fields, String(claim))) continue;
    const names = Object.keys(fields);
    const nearest = nearestName(String(claim), names);
    const suggestion = nearest ? `; did you mean ${nearest}?` : '';
    refuse(`claims: ${claim}`, `one of ${names.join(', ')}${suggestion}`);
  }
}

function checkInContainer(value: unknown, stages: readonly string[], refuse: Refuse): void {
  if (value === undefined) return;
  if (!isObject(value)) {
    refuse('inContainer', 'an object');
    return;
  }
  checkKeys(value, 'inContainer', ASKED_PHASES, refuse);
  for (const phase of ASKED_PHASES) {
    const names = phase === 'after' ? stages.filter((name) => name !== 'exec') : stages;
    const calls = checkCalls(value[phase], `inContainer.${phase}`, names, refuse);
    for (const [stage, call] of Object.entries(calls)) {
      if (call.constructor.name === 'AsyncFunction') {
        refuse(`inContainer.${phase}.${stage}`, 'a synchronous function: init has no event loop');
      }
    }
  }
}

function checkCalls(
  value: unknown,
  where: string,
  names: readonly string[],
  refuse: Refuse,
): Record<string, () => unknown> {
  if (value === undefined) return {};
  if (!isObject(value)) return refuse(where, 'an object of functions');
  checkKeys(value, where, names, refuse);
  for (const [name, call] of Object.entries(value)) checkFunction(call, `${where}.${name}`, refuse);
  return value as Record<string, () => unknown>;
}

function checkKeys(value: object, where: string, known: readonly string[], refuse: Refuse): void {
  for (const key of Object.keys(value)) {
    if (known.includes(key)) continue;
    const nearest = nearestName(key, known);
    refuse(
      [where, key].filter(Boolean).join('.'),
      nearest ? `a known name: did you mean ${nearest}?` : 'a known name',
    );
  }
}

function checkFunction(value: unknown, where: string, refuse: Refuse): void {
  if (typeof value !== 'function') refuse(where, 'a function');
}
