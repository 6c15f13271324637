import { DavitCommand } from '../cli/command.ts';
import { flag } from '../cli/flags.ts';
import { table } from '../cli/output/table.ts';
import { requestPlugins } from '../plugins/load/requested.ts';

export default class Plugins extends DavitCommand {
  static override description = `list the plugins that are loaded, in order

The plugins of the configuration file ($DAVIT_CONFIG, else
$XDG_CONFIG_HOME/davit/config.json, else /etc/davit/config.json) come
first, then those of --plugin. CALLS lists what a plugin takes part in and
its commands, CLAIMS the fields of config.json that it may adjust.`;
  static override operands = { min: 0, max: 0 };
  static override flags = { json: flag('print them as JSON') };

  protected override ownProcess(): string {
    return 'it loads plugins';
  }

  async run(): Promise<undefined> {
    const { flags } = await this.parse(Plugins);
    const { stdout } = this.invocation;
    const rows = await this.#rows();
    if (flags.json) stdout.write(`${JSON.stringify(rows, null, 2)}\n`);
    else {
      const cells = rows.map(({ name, file, from, calls, claims, commands = [] }) => [
        ...[name, file ?? '-', from, claims?.join(',') ?? '-'],
        [...calls, ...commands.map((id) => `command ${id.replaceAll(':', ' ')}`)].join(', ') || '-',
      ]);
      stdout.write(table([['NAME', 'FILE', 'FROM', 'CLAIMS', 'CALLS'], ...cells]));
    }
  }

  async #rows() {
    const { plugins, pluginTimeout } = this.settings;
    const request = requestPlugins(plugins, this.invocation, pluginTimeout);
    if (!request) return [];
    const { loadPlugins } = await import('../plugins/load/load.ts');
    const { describePlugin } = await import('../plugins/load/describe.ts');
    const { packageOf } = await import('../plugins/load/command-packages.ts');
    const rows = loadPlugins(request).map(describePlugin);
    for (const row of rows) {
      const own = packageOf(row.file!);
      if (own)
        row.commands = await (await import('../cli/oclif/oclif.ts')).packageCommandIds([own]);
    }
    return rows;
  }
}
