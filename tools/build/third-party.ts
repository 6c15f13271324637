import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The licenses of the packages that `inputs`, the files of a bundle, are from: they have to go with it. */
export function thirdPartyLicenses(inputs: Iterable<string>): string {
  const directories = new Set([...inputs].flatMap((file) => file.match(PACKAGE)?.[0] ?? []));
  const packages = Map.groupBy([...directories].sort().map(packageIn), ({ text }) => text);
  return [...packages]
    .map(([text, alike]) => `${alike.map(({ title }) => title).join('\n')}\n\n${text}\n`)
    .join(`\n${'-'.repeat(80)}\n\n`);
}

/** Up to the package's own directory. What the build puts in a file's place has a prefix, as in `left-out:`. */
const PACKAGE = /^[^:]*node_modules\/(?:@[^/]+\/)?[^/]+/;

/** Its name, and what it says of its license. */
function packageIn(directory: string): { title: string; text: string } {
  const { name, version, license } = JSON.parse(
    readFileSync(join(directory, 'package.json'), 'utf8'),
  );
  const texts = readdirSync(directory, { withFileTypes: true })
    .filter((entry) => entry.isFile() && /^(?:licen[cs]e|notice)/i.test(entry.name))
    .map((entry) => readFileSync(join(directory, entry.name), 'utf8').trim());
  return { title: `${name} ${version}, ${license}`, text: texts.join('\n\n') };
}
