import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { launchChromium } from '../../test/browser/chromium.ts';

/*
 * `node tools/recordings/trace-picture.ts`, as root and with Chromium, makes the README's picture:
 * a screenshot of the page that examples/trace makes.
 */

const examples = join(import.meta.dirname, '../../examples/trace');
const directory = mkdtempSync(join(tmpdir(), 'davit-picture-'));
try {
  const example = [join(examples, 'main.ts'), directory];
  const { status } = spawnSync(process.execPath, example, { stdio: 'inherit' });
  if (status !== 0) throw new Error('the example failed');
  await takePicture();
} finally {
  rmSync(directory, { recursive: true });
}

async function takePicture(): Promise<void> {
  const browser = await launchChromium();
  const viewport = { width: 1240, height: 720 };
  const page = await browser.newPage({ viewport, colorScheme: 'light' });
  await page.goto(`file://${join(directory, 'trace.html')}`);
  await page.getByRole('button', { name: /^davit create/ }).click();
  await page.keyboard.press('z');
  await page.getByRole('button', { name: /^hook createRuntime\[1\]/ }).click();
  await page.screenshot({ path: join(examples, 'trace.png') });
  await browser.close();
}
