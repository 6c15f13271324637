import { definePlugin } from 'davit/plugin';

interface Options {
  /** The text of /etc/greeting in the container. */
  greeting: string;
}

/** A plugin to start from. Each part is an example; delete the ones you do not need. */
export default definePlugin<Options>({
  name: 'template',

  // Checks the options of the configuration file, once, when davit loads the plugin.
  options(given) {
    const { greeting = 'hello' } = (given ?? {}) as Partial<Options>;
    if (typeof greeting !== 'string') throw new Error('greeting: expected a string');
    return { greeting };
  },

  // Returns changes of config.json. Only the fields of `claims` may change.
  claims: ['env'],
  adjust: (spec) => ({ env: { CONTAINER_HOSTNAME: spec.hostname ?? null } }),

  // Runs in the runtime, before a stage of `davit stages`. Throwing vetoes the stage.
  before: {
    async createCgroup({ spec }) {
      if (spec.annotations?.['template.refuse'] === 'true')
        throw new Error('annotations["template.refuse"] refuses this container');
    },
  },

  // Runs inside init, in the container's namespaces. The functions are synchronous.
  inContainer: {
    before: {
      pivotRoot({ write, options }) {
        write('/etc/greeting', `${options.greeting}\n`);
      },
    },
  },

  // Follows events. Nothing here can break the container.
  on: {
    'container:stopped': ({ exitStatus }, { log }) => {
      if (exitStatus) log(`the program ended with status ${exitStatus}`);
    },
  },
});
