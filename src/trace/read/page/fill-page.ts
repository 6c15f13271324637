import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { StoredTrace } from '../read-traces.ts';
import { pageData } from './page-data.ts';

/** The data is inserted after this tag. */
const PLACE = '<script type="application/json" id="traces">';

/**
 * A self-contained HTML page: the traces and the script that draws them. Only a built davit has the
 * template.
 */
export function fillPage(traces: readonly StoredTrace[]): string {
  const template = readFileSync(join(import.meta.dirname, 'trace-page.html'), 'utf8');
  // Inside a script element only `</script` and `<!--` have a meaning to HTML.
  const data = JSON.stringify(pageData(traces)).replaceAll('<', '\\u003c');
  return template.replace(PLACE, () => PLACE + data);
}
