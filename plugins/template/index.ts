import { definePlugin } from 'davit/plugin';

interface Options {
  /** What the container is to read in /etc/greeting. */
  greeting: string;
}

/** A plugin to start from: each part shows what it is for, and any of them can go. */
export default definePlugin<Options>({
  name: 'template',

  // Once, when davit loads the plugin: what the configuration file says, made sure of.
  options(given) {
    const { greeting = 'hello' } = (given ?? {}) as Partial<Options>;
    if (typeof greeting !== 'string') throw new Error('greeting: expected a string');
    return { greeting };
  },

  // Changes config.json, by what it returns. `claims` is all that it may change.
  claims: ['env'],
  adjust: (spec) => ({ env: { CONTAINER_HOSTNAME: spec.hostname ?? null } }),

  // In the runtime, before a stage of `davit stages`. Whoever throws, vetoes.
  before: {
    async createCgroup({ spec }) {
      if (spec.annotations?.['template.refuse'] === 'true') throw new Error('refused, as asked');
    },
  },

  // Inside init, in the container's namespaces: synchronous.
  inContainer: {
    before: {
      pivotRoot({ write, options }) {
        write('/etc/greeting', `${options.greeting}\n`);
      },
    },
  },

  // Told of what happens. Nothing here can break the container.
  on: {
    'container:stopped': ({ exitStatus }, { log }) => {
      if (exitStatus) log(`ended with ${exitStatus}`);
    },
  },
});
