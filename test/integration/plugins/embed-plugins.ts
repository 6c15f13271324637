import { Davit } from '../../../src/index.ts';
import { definePlugin } from '../../../src/plugins/api.ts';

/*
 * A program that embeds davit with a plugin and runs two containers of the bundle in argument 2.
 * Their ids begin with argument 3. Prints the plugin's calls as JSON.
 */

const [root, bundle, prefix] = process.argv.slice(2) as [string, string, string];
const told: string[] = [];

const plugin = definePlugin<string[]>({
  name: 'embedded',
  options: (given) => given as string[],
  adjust: (_spec, { options }) => ({ args: options, env: { CODE: '9' } }),
  inContainer: {
    after: { pivotRoot: ({ env, id }) => env.set('CODE', id.endsWith('a') ? '3' : '4') },
  },
  on: {
    'container:created': ({ id }) => told.push(`created ${id}`),
    'container:deleted': ({ id }) => told.push(`deleted ${id}`),
  },
});

const davit = new Davit({ root, plugins: [{ plugin, options: ['sh', '-c', 'exit $CODE'] }] });
const containers = await Promise.all(
  ['a', 'b'].map((letter) => davit.create({ id: `${prefix}-${letter}`, bundle })),
);
for (const container of containers) {
  await container.start();
  told.push(`status ${(await container.wait())?.exitCode}`);
  await container.delete();
}
process.stdout.write(JSON.stringify(told));
