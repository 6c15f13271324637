import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { AxeResults } from 'axe-core';
import type { Browser, BrowserContextOptions, Locator, Page } from 'playwright-core';
import { appendTrace } from '../../src/trace/store/store.ts';
import { DAVIT, runCommand } from '../support/command.ts';
import { CREATE_AND_START, recordLife } from '../unit/trace/sample-trace.ts';
import { launchChromium, needsChromium } from './chromium.ts';

const options = { skip: needsChromium };
const EVIL = '</script><img src=x onerror="document.title=1"><!--\u2028';

const directory = mkdtempSync(join(tmpdir(), 'davit-page-'));
const file = join(directory, 'trace.html');
let browser: Browser | undefined;

before(async () => {
  const failing = {
    ...{ command: 'exec', from: 3_000_000, to: 3_010_000, error: new Error(EVIL) },
    hint: `try again ${EVIL}`,
    stages: [
      { name: `plugin ${EVIL}`, from: 0, to: 4_000, inner: [{ name: 'inner', from: 1, to: 900 }] },
      { name: 'program', from: 4_000, to: 9_000, side: 'container' as const, wait: true },
    ],
  };
  for (const [id, commands] of [
    ['web1', [...CREATE_AND_START, failing]],
    ['web2', CREATE_AND_START],
  ] as const) {
    for (const trace of recordLife(id, [...commands])) appendTrace(directory, id, trace);
  }
  const env = { DAVIT_TRACE_DIR: directory };
  const { status, stderr } = runCommand(DAVIT, ['trace', '--last=2', '--html', file], { env });
  assert.equal(status, 0, stderr);
  if (!needsChromium) browser = await launchChromium();
});

after(async () => {
  await browser?.close();
  rmSync(directory, { recursive: true });
});

/** Opens the page and calls `look`. Fails if the page reports an error or loads anything. */
async function open(look: (page: Page) => Promise<void>, context: BrowserContextOptions = {}) {
  const page = await browser!.newPage(context);
  const complaints: string[] = [];
  page.on('console', (message) => complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('request', (request) => complaints.push(request.url()));
  await page.goto(`file://${file}`);
  await look(page);
  assert.deepEqual(complaints, [`file://${file}`]);
  await page.close();
}

const row = (page: Page, name: string) =>
  page.getByRole('button', { name: new RegExp(`^${name} ?, (?:runtime|container), `) });

const text = async (place: Locator) => (await place.textContent()) ?? '';

test('each span is a row with its duration, share and bar', options, () =>
  open(async (page) => {
    assert.equal(await page.getByRole('heading', { level: 1 }).textContent(), 'web1');
    assert.equal(await page.locator('button.row').count(), 3 + 14 + 2 + 5 + 3);
    const rootfs = row(page, 'prepareRootfs');
    assert.match(await text(rootfs), /3\.95 ms12\.7%$/);
    const [bar, create] = await Promise.all([
      rootfs.locator('.bar').boundingBox(),
      row(page, 'davit create').locator('.bar').boundingBox(),
    ]);
    assert.ok(Math.abs(bar!.width / create!.width - 0.127) < 0.01, 'a bar as long as its share');
    assert.ok(Math.abs((bar!.x - create!.x) / create!.width - 24.95 / 31.2) < 0.01);
  }),
);

test("a click or the keyboard opens a span's details", options, () =>
  open(async (page) => {
    const details = page.getByRole('complementary', { name: 'Span' });
    assert.equal(await details.isVisible(), false);
    await row(page, 'prepareRootfs').click();
    assert.match(await text(details), /prepareRootfs[\s\S]*12\.7% of davit create/);
    assert.match(await text(details), /davit\.stage\.sidecontainer/);
    await page.keyboard.press('ArrowDown');
    assert.match(await text(details), /pivotRoot/);
    await page.keyboard.press('Escape');
    assert.equal(await details.isVisible(), false);
    assert.match(await text(page.locator(':focus')), /pivotRoot/);
    await page.keyboard.press('Home');
    assert.match(await text(details), /davit create[\s\S]*container\.idweb1/);
  }),
);

test('zoom and pan', options, () =>
  open(async (page) => {
    const bar = row(page, 'forkInit').locator('.bar');
    const width = async () => (await bar.boundingBox())?.width ?? 0;
    const fitted = await width();
    await row(page, 'forkInit').click();
    const narrower = await width();
    await page.keyboard.press('z');
    assert.ok((await width()) > 5 * narrower, 'Z shows the span');
    await page.keyboard.press('0');
    assert.equal(await width(), narrower);
    await page.keyboard.press('Escape');
    assert.equal(await width(), fitted);
    await page.getByRole('button', { name: '+', exact: true }).click();
    assert.ok(Math.abs((await width()) - 2 * fitted) < 2, '+ doubles');
    const before = (await bar.boundingBox())!;
    await page.mouse.move(before.x, before.y + 3);
    await page.mouse.down();
    await page.mouse.move(before.x - 60, before.y + 3, { steps: 3 });
    await page.mouse.up();
    assert.ok(
      Math.abs((await bar.boundingBox())!.x - (before.x - 60)) < 2,
      'a drag moves it along',
    );
    assert.equal(await page.locator('#details').isVisible(), false, 'a drag is no click');
  }),
);

test('the longest first, and short stages hidden', options, () =>
  open(async (page) => {
    const section = page.locator('section[aria-label="davit create"]');
    const names = async () => {
      const shown = section.locator('li:visible .name');
      return (await shown.allTextContents()).map((name) => name.trim());
    };
    const byTime = await names();
    const item = (name: string) => section.locator('li').filter({ hasText: name }).first();
    const duration = async (name: string) =>
      (await item(name).locator('.bar').boundingBox())!.width;
    await page.getByLabel('Order').selectOption('longest first');
    const [first, second] = await names();
    assert.ok((await duration(first!)) >= (await duration(second!)));
    assert.notDeepEqual(await names(), byTime);
    assert.deepEqual((await names()).toSorted(), byTime.toSorted(), 'none is lost');
    assert.match(await text(item(first!)), /the longest, /);
    assert.equal(await section.locator('.longest').count(), 1);
    assert.equal(await page.locator('.gap:not(.failure):visible').count(), 0);
    await row(page, 'davit create').click();
    await page.keyboard.press('ArrowDown');
    assert.ok((await text(page.locator(':focus'))).startsWith(first!), 'keys follow the order');
    await page.getByLabel('Show').selectOption('from 5 %');
    const long = await names();
    assert.ok(long.length > 0 && long.length < byTime.length);
    await page.getByLabel('Order').selectOption('by time');
    await page.getByLabel('Show').selectOption('all stages');
    assert.deepEqual(await names(), byTime);
  }),
);

test('on a phone the page begins with what took longest', options, () =>
  open(
    async (page) => {
      const first = page.locator('section').first();
      assert.match(await text(first.locator('li').first()), /the longest, /);
    },
    { viewport: { width: 360, height: 700 } },
  ),
);

test('waits have no width until "waits to scale" is checked', options, () =>
  open(async (page) => {
    const bar = page.getByRole('button', { name: /^program ?, container, waits/ }).locator('.bar');
    assert.ok((await bar.boundingBox())!.width <= 2);
    const start = row(page, 'davit start').locator('.bar');
    const without = (await start.boundingBox())!.width;
    await page.getByLabel('waits to scale').check();
    assert.ok((await start.boundingBox())!.width < without / 10);
  }),
);

test('the page shows the life that is selected', options, () =>
  open(async (page) => {
    await page.getByLabel('Life').selectOption({ index: 1 });
    assert.equal(await page.title(), 'web2 · davit trace');
    assert.equal(await page.locator('button.row').count(), 2 + 14 + 2 + 5);
  }),
);

test('text from a container is shown as text, never as HTML', options, () =>
  open(async (page) => {
    assert.equal(await page.title(), 'web1 · davit trace');
    assert.equal(await page.locator('img').count(), 0);
    await row(page, 'davit exec').click();
    const shown = await text(page.locator('#details .failure'));
    assert.ok(shown.includes(EVIL), shown);
    assert.equal(await text(page.locator('#details .hint')), `try again ${EVIL}`);
  }),
);

for (const context of [
  { viewport: { width: 360, height: 700 }, colorScheme: 'dark' },
  { viewport: { width: 1400, height: 900 }, colorScheme: 'light' },
] as const) {
  const { viewport, colorScheme } = context;
  test(
    `${viewport.width} px, ${colorScheme}: nothing is wider than the window, and axe finds no violation`,
    options,
    () =>
      open(async (page) => {
        await row(page, 'davit exec').click();
        const beyond = 'document.scrollingElement.scrollWidth - innerWidth';
        assert.ok((await page.evaluate<number>(beyond)) <= 0);
        assert.deepEqual(await violations(page), []);
      }, context),
  );
}

/** What the accessibility checker reports. */
async function violations(page: Page): Promise<string[]> {
  const axe = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
  await page.evaluate(readFileSync(axe, 'utf8'));
  const { violations } = await page.evaluate<AxeResults>('axe.run()');
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${html}: ${failureSummary}`),
  );
}
