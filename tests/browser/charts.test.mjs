// The charts: lines over the transport's cursor, at most six, and tables that say what the state is.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { DESKTOP, PHONE, SMALL } from './harness/browser.mjs';
import { withPage } from './harness/page.mjs';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

async function openCharts(playground) {
  const narrow = await playground.at('panel-charts').isVisible();
  await playground.press(narrow ? 'panel-charts' : 'tab-charts');
  await playground.at('charts').waitFor();
}

async function traffic(playground) {
  for (const line of [
    'consumer dash-3 --group dashboard --topic trucks_gps',
    'wait 6s',
    'send truck-A --key A --count 4 here',
    'wait 3s',
    'kill 103',
    'wait 22s',
    'send truck-A --key A --count 3 there',
    'wait 2s',
  ]) await playground.say(line);
}

/** What the chart's table says at the cursor has to be what the cluster's table says. */
async function agree(playground, what) {
  for (const partition of ['trucks_gps-0', 'trucks_gps-1', 'trucks_gps-2']) {
    const shown = await playground.fact(`chart-now-${partition}-high-watermark`);
    assert.equal(shown, await playground.fact(`hw-${partition}`), `${what}: high watermark of ${partition}`);
  }
  await playground.press('chart-isr');
  for (const partition of ['trucks_gps-0', 'trucks_gps-1', 'trucks_gps-2']) {
    const shown = Number(await playground.fact(`chart-now-${partition}-in-sync-replicas`));
    assert.equal(shown, (await playground.isr(partition)).split(',').filter(Boolean).length, `${what}: ISR of ${partition}`);
  }
  await playground.press('chart-unhealthy');
  // The headline counts the same partitions, internal ones too, where nothing graver is the matter.
  const told = (await playground.fact('question')).match(/(\d+) partitions lack a copy/);
  if (told) assert.equal(await playground.fact('chart-now-under-replicated-partitions'), told[1], `${what}: under-replicated`);
  await playground.press('chart-offsets');
}

test('R7: the charts and their table say at the cursor what the state is, after seeks and in a branch', () =>
  withPage({ path: '#lesson=sandbox' }, async (playground, { page }) => {
    await traffic(playground);
    await openCharts(playground);
    assert.match(await playground.fact('question'), /^103 is dead: \d+ partitions lack a copy$/);
    await agree(playground, 'at the end');
    const late = await playground.clock();
    const chart = await page.locator('.chart').boundingBox();
    for (const part of [0.75, 0.4, 0.6]) {
      const before = await playground.clock();
      await page.mouse.click(chart.x + chart.width * part, chart.y + chart.height * 0.4);
      await playground.until('the clock moved', (was) => Number(document.querySelector('[data-test="clock"]').dataset.us) !== was, before);
      await agree(playground, `after a press at ${part}`);
    }
    assert.ok((await playground.clock()) < late);
    // Acting here begins a branch; its future is another one.
    await playground.say('kill 102');
    await playground.say('wait 20s');
    await openCharts(playground);
    assert.notEqual(await playground.branch(), 'main');
    await agree(playground, 'in the branch');
    // The selection is one everywhere.
    await playground.press('hit-partition-trucks_gps-1');
    await playground.until('its row is marked', () => document.querySelector('.chart-side tr[data-selected="partition-trucks_gps-1"]') !== null);
  }));

test('the course as a table ends with the numbers at the cursor, and a press on its time goes there', () =>
  withPage({ path: '#lesson=sandbox' }, async (playground, { page }) => {
    await traffic(playground);
    await openCharts(playground);
    await playground.press('chart-table');
    const cells = await page.locator('[data-test="course-now"] td').allTextContents();
    const wanted = [];
    for (const partition of ['trucks_gps-0', 'trucks_gps-1', 'trucks_gps-2']) {
      wanted.push(await playground.fact(`chart-now-${partition}-high-watermark`), await playground.fact(`chart-now-${partition}-log-end`));
    }
    assert.deepEqual(cells.map((cell) => cell.trim()), wanted);
    const rows = page.locator('[data-test="chart-course"] tbody tr');
    assert.ok((await rows.count()) > 10);
    const before = await playground.clock();
    await rows.nth(5).locator('button').click();
    await playground.until('time went back', (was) => Number(document.querySelector('[data-test="clock"]').dataset.us) < was, before);
  }));

test('never more than six series, and which ones can be chosen', () =>
  withPage({ path: '#lesson=sandbox' }, async (playground) => {
    await playground.say('kafka-topics.sh --create --topic wide --partitions 8 --replication-factor 3');
    await playground.say('wait 2s');
    await openCharts(playground);
    const drawn = async () => Number(await playground.at('charts').getAttribute('data-series'));
    assert.equal(await drawn(), 6);
    await playground.at('chart-pick-wide-7').press('Enter');
    assert.equal(await drawn(), 6);
    assert.equal(await playground.at('chart-pick-wide-7').getAttribute('aria-pressed'), 'false');
    await playground.press('chart-pick-trucks_gps-0');
    await playground.press('chart-pick-wide-7');
    assert.equal(await drawn(), 6);
    assert.equal(await playground.at('chart-pick-wide-7').getAttribute('aria-pressed'), 'true');
    assert.equal(await playground.at('chart-pick-trucks_gps-0').getAttribute('aria-pressed'), 'false');
  }));

test('requests and lag have their charts, and what is missing is said', () =>
  withPage({ path: '#lesson=sandbox' }, async (playground) => {
    await playground.say('wait 3s');
    await openCharts(playground);
    await playground.press('chart-requests');
    assert.ok(Number(await playground.fact('chart-now-requests-fetch-requests-a-second')) > 0);
    await playground.press('chart-lag');
    if (await playground.at('chart-empty').count()) assert.match(await playground.fact('chart-empty'), /No group has committed/);
  }));

for (const viewport of [DESKTOP, SMALL, PHONE]) {
  for (const scheme of ['light', 'dark']) {
    test(`${viewport.width}x${viewport.height} ${scheme}: the charts scroll nothing sideways, are painted, axe finds nothing`, () =>
      withPage({ viewport, scheme, path: '#lesson=sandbox' }, async (playground, { page }) => {
        await playground.say('wait 3s');
        await openCharts(playground);
        await page.evaluate(AXE);
        const sideways = await page.evaluate(() => document.scrollingElement.scrollWidth - window.innerWidth);
        assert.ok(sideways <= 0, `${sideways} px`);
        await playground.until('lines are painted', () => {
          const canvas = document.querySelector('.chart canvas');
          const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
          const seen = new Set();
          for (let at = 0; at < data.length; at += 4) seen.add(`${data[at]},${data[at + 1]},${data[at + 2]}`);
          return seen.size > 8;
        });
        for (const look of ['chart', 'table']) {
          const found = await page.evaluate(() => globalThis.axe.run(document, {
            runOnly: { type: 'tag', values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] },
          }));
          const words = found.violations.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes[0].html}`);
          assert.deepEqual(words, [], look);
          await playground.press('chart-table');
        }
      }));
  }
}
