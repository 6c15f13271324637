import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * The licenses of the packages whose files (`inputs`) are in a bundle. Each package must have one.
 */
export function thirdPartyLicenses(inputs: Iterable<string>): string {
  const directories = new Set([...inputs].flatMap((file) => file.match(PACKAGE)?.[0] ?? []));
  const packages = Map.groupBy([...directories].sort().map(packageIn), ({ text }) => text);
  return [...packages]
    .map(([text, alike]) => `${alike.map(({ title }) => title).join('\n')}\n\n${text}\n`)
    .join(`\n${'-'.repeat(80)}\n\n`);
}

/**
 * The directory of a package. A file that the build replaces has a prefix (`left-out:`) and does
 * not match.
 */
const PACKAGE = /^[^:]*node_modules\/(?:@[^/]+\/)?[^/]+/;

/** The package's name, version and license text. */
function packageIn(directory: string): { title: string; text: string } {
  const { name, version, license } = JSON.parse(
    readFileSync(join(directory, 'package.json'), 'utf8'),
  );
  const texts = readdirSync(directory, { withFileTypes: true })
    .filter((entry) => entry.isFile() && /^(?:licen[cs]e|notice)/i.test(entry.name))
    .map((entry) => readFileSync(join(directory, entry.name), 'utf8').trim());
  return { title: `${name} ${version}, ${license}`, text: texts.join('\n\n') };
}
