// Requirement 24: what the page takes for a frame. Its limits are times, and a clock measures the neighbours too:
// the test holds the page to what its main thread itself used, in which no other program has a share, and prints
// what the frame recorder saw; `cargo xtask bench --page` judges the latter.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { framesFor } from './bench/page.mjs';
import { median, percentile } from './bench/numbers.mjs';
import { flight } from './bench/scene.mjs';
import { withPage } from './harness/page.mjs';
import { HUNDRED, LARGE } from './scenes.mjs';

const RECORDED_MS = 3000;

/** What the main thread used for a frame, in ms of its own time, while the page plays. */
async function workOfAFrame(page, playground, name) {
  const debug = await page.context().newCDPSession(page);
  await debug.send('Performance.enable', { timeDomain: 'threadTicks' });
  const used = async () => {
    const { metrics } = await debug.send('Performance.getMetrics');
    return metrics.find((metric) => metric.name === 'TaskDuration').value * 1000;
  };
  await playground.play();
  const before = await used();
  const gaps = await framesFor(page, RECORDED_MS);
  const work = (await used()) - before;
  assert.ok(await playground.isPlaying(), 'time passes all the while');
  await playground.pause();
  assert.ok(work > 0, 'the thread’s own time is known');
  console.log(`    ${name}: ${(work / gaps.length).toFixed(1)} ms of the thread's own a frame; frame to frame median ${median(gaps).toFixed(1)} ms, p95 ${percentile(gaps, 95).toFixed(1)} ms`);
  return work / gaps.length;
}

test('R24: 3 brokers, 12 partitions and 300 records on their way leave a frame its 16.7 ms', () =>
  withPage({ path: flight(), reducedMotion: 'no-preference' }, async (playground, { page }) => {
    const onTheirWay = async () => {
      const producers = await page.locator('[data-test^="hit-producer-"]').evaluateAll((all) => all.map((one) => one.ariaLabel));
      return producers.reduce((sum, words) => sum + Number(words.match(/(\d+) in flight/)[1]), 0);
    };
    assert.equal(await page.locator('.hits [data-target^="partition-"]').count(), 12);
    assert.ok((await onTheirWay()) >= 300, `${await onTheirWay()} records are on their way`);
    await playground.at('speed').fill('2');
    const work = await workOfAFrame(page, playground, 'three brokers');
    assert.ok((await onTheirWay()) >= 300, 'and they still are');
    assert.ok(work < 16.7, `${work} ms`);
  }));

test('R24: 100 brokers and 1,000 partitions leave a frame its 33 ms', () =>
  withPage({ path: HUNDRED, stands: 'broker-state-100', reducedMotion: 'no-preference' }, async (playground, { page }) => {
    for (const line of LARGE) await playground.say(line);
    await playground.press('dock-close');
    await playground.at('speed').fill('6');
    const work = await workOfAFrame(page, playground, 'a hundred brokers');
    assert.ok(work < 33, `${work} ms`);
  }));
