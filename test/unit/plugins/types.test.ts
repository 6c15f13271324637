import assert from 'node:assert/strict';
import { test } from 'node:test';
import { definePlugin, type StageName } from '../../../src/plugins/api.ts';
import { checkPlugin } from '../../../src/plugins/load/check-plugin.ts';

/*
 * Wrong code that must not compile: tsc reports a `@ts-expect-error` without an error below it.
 * When davit loads a plugin, it refuses the same mistakes, as plugins may be uncompiled.
 */

const wrong = {
  'before.pivotroot': definePlugin({
    name: 'w',
    // @ts-expect-error: no such stage
    before: { pivotroot() {} },
  }),
  'after.exec': definePlugin({
    name: 'w',
    // @ts-expect-error: after exec there is nothing left to refuse
    after: { exec() {} },
  }),
  'inContainer.before.mounts': definePlugin({
    name: 'w',
    // @ts-expect-error: init has no event loop
    inContainer: { before: { mounts: async () => {} } },
  }),
  'inContainer.after.pivotRoot': definePlugin({
    name: 'w',
    // @ts-expect-error: nor for what calls an async function
    inContainer: { after: { pivotRoot: async (ctx) => ctx.mkdir('/x') } },
  }),
  'inContainer.before.createCgroup': definePlugin({
    name: 'w',
    // @ts-expect-error: a stage of the runtime
    inContainer: { before: { createCgroup() {} } },
  }),
  'inContainer.before.startWait': definePlugin({
    name: 'w',
    // @ts-expect-error: while init waits, it calls nobody
    inContainer: { before: { startWait() {} } },
  }),
  'inContainer.after.exec': definePlugin({
    name: 'w',
    // @ts-expect-error: after exec there is no init
    inContainer: { after: { exec() {} } },
  }),
  'on.container:made': definePlugin({
    name: 'w',
    // @ts-expect-error: no such event
    on: { 'container:made'() {} },
  }),
  'claims: rootfs': definePlugin({
    name: 'w',
    // @ts-expect-error: no such field
    claims: ['rootfs'],
  }),
};

for (const [where, plugin] of Object.entries(wrong)) {
  test(`refused: ${where}`, () => {
    assert.throws(() => checkPlugin(plugin, 'w.ts'), {
      message: new RegExp(`^plugin w: ${where.replaceAll('.', '\\.')}: expected `),
    });
  });
}

test('correct code compiles and is accepted', () => {
  const plugin = definePlugin({
    name: '@me/all-of-it',
    options: (given) => ({ limit: Number(given) }),
    claims: ['env', 'resources'],
    adjust: (spec, { options }) => ({
      env: { HOST: spec.hostname ?? null },
      resources: { memory: { limit: options.limit, swap: null }, unified: { 'pids.max': '5' } },
    }),
    before: {
      createCgroup: async ({ stage, side, options }) => {
        const exact: ['createCgroup', 'runtime', number] = [stage, side, options.limit];
        assert.ok(exact);
      },
      pivotRoot({ side }) {
        const exact: 'container' = side;
        assert.ok(exact);
      },
    },
    after: { createCgroup() {} },
    inContainer: {
      before: { pivotRoot: (ctx) => ctx.mount({ destination: '/x', type: 'tmpfs' }) },
      after: { pivotRoot: ({ env }) => env.set('A', 'b'), mounts() {} },
    },
    on: {
      'pivotRoot:after': ({ duration }, { log }) => log(String(duration)),
      'command:after': ({ command, exitStatus = 0 }) => `${command}${exitStatus}`,
      'command:error': ({ stage, error }) => stage ?? error.message,
    },
  });
  assert.equal(checkPlugin(plugin, ''), plugin);
});

test('results and arguments have types', () => {
  definePlugin<undefined, { runs: number }>({
    name: 'w',
    before: {
      exec({ notes }) {
        notes.runs = (notes.runs ?? 0) + 1;
        // @ts-expect-error: no such note
        notes.walks = 1;
      },
    },
    on: {
      // @ts-expect-error: a note's value has a type, too
      'container:created': (_event, { notes }) => notes.runs?.length,
    },
  });
  definePlugin<StageName>({
    name: 'w',
    options: (_given, { stages }) => stages[0]!,
    adjust: (_spec, { options, elapsed }) => ({
      devices: {
        '/dev/x': { type: 'c', major: 1, minor: 3, access: elapsed() > 5 ? options : 'r' },
      },
      additionalGids: [44],
    }),
  });
  definePlugin({
    name: 'w',
    // @ts-expect-error: additional gids are numbers
    adjust: () => ({ additionalGids: ['video'] }),
  });
  definePlugin({
    name: 'w',
    on: {
      // @ts-expect-error: a command that went well has no error
      'command:after': ({ error }) => error,
    },
  });
  definePlugin({
    name: 'w',
    // @ts-expect-error: a scheduler's policy is one of sched(7)'s
    adjust: () => ({ scheduler: { policy: 'fair' } }),
  });
  definePlugin({
    name: 'w',
    // @ts-expect-error: a variable's value is a string
    adjust: () => ({ env: { A: 1 } }),
  });
  definePlugin({
    name: 'w',
    // @ts-expect-error: no such field
    adjust: () => ({ rootfs: '/' }),
  });
  definePlugin({
    name: 'w',
    adjust(spec) {
      // @ts-expect-error: adjustments are returned, never made in place
      spec.hostname = 'x';
      return {};
    },
  });
  definePlugin({
    name: 'w',
    // @ts-expect-error: a runtime stage has no way into the container
    before: { pivotRoot: (ctx) => ctx.mount({ destination: '/x' }) },
  });
});
