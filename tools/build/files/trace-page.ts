import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildSync, transformSync } from 'esbuild';

/**
 * The page of `davit trace --html`, with its style and script, and a placeholder for the traces.
 * Its Content Security Policy allows these two by their hashes, and nothing else.
 */
export function tracePage(source: string): string {
  const browser = join(source, 'trace/read/page/browser');
  const read = (name: string) => readFileSync(join(browser, name), 'utf8');
  const style = transformSync(read('page.css'), { loader: 'css', minify: true }).code;
  const script = scriptOf(join(browser, 'page.ts'));
  const policy = `default-src 'none'; script-src '${hashOf(script)}'; style-src '${hashOf(style)}'`;
  return read('page.html')
    .replace('@POLICY@', () => policy)
    .replace('<style></style>', () => `<style>${style}</style>`)
    .replace('<script></script>', () => `<script>${script}</script>`);
}

function scriptOf(entry: string): string {
  const { outputFiles } = buildSync({
    entryPoints: [entry],
    bundle: true,
    format: 'iife',
    minify: true,
    target: 'es2023',
    write: false,
  });
  return outputFiles[0]!.text.trim();
}

/** The hash by which a Content Security Policy names inline text. */
function hashOf(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}
