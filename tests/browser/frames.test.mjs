// Requirement 24: what the page takes for a frame. Its limits are times, and a clock measures the neighbours too:
// the test holds the page to what its main thread itself used, in which no other program has a share, frame by frame
// and in all, and prints what the frame recorder saw; `cargo xtask bench --page` judges the latter.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { framesFor } from './bench/page.mjs';
import { median, percentile } from './bench/numbers.mjs';
import { flight } from './bench/scene.mjs';
import { traced } from './bench/trace.mjs';
import { withPage } from './harness/page.mjs';
import { HUNDRED, LARGE } from './scenes.mjs';

const RECORDED_MS = 3000;

/** What the main thread used, in ms of its own time, while the page plays: each frame by itself, and all by frames. */
async function workOfFrames(page, playground, name) {
  const debug = await page.context().newCDPSession(page);
  await debug.send('Performance.enable', { timeDomain: 'threadTicks' });
  const used = async () => {
    const { metrics } = await debug.send('Performance.getMetrics');
    return metrics.find((metric) => metric.name === 'TaskDuration').value * 1000;
  };
  await playground.play();
  const before = await used();
  const gaps = await framesFor(page, RECORDED_MS);
  const all = (await used()) - before;
  // Tracing costs time of its own: what is counted in all is counted without it.
  const rows = await traced(page.context().browser(), page, () => framesFor(page, RECORDED_MS));
  assert.ok(await playground.isPlaying(), 'time passes all the while');
  await playground.pause();
  assert.ok(all > 0 && rows.some((row) => row.workOwn > 0), 'the thread’s own time is known');
  const own = rows.map((row) => row.workOwn);
  const work = { mean: all / gaps.length, median: median(own), p95: percentile(own, 95) };
  const ms = (value) => value.toFixed(1);
  console.log(`    ${name}: of the thread's own ${ms(work.mean)} ms a frame in all, median ${ms(work.median)}, p95 ${ms(work.p95)} ms; frame to frame median ${ms(median(gaps))}, p95 ${ms(percentile(gaps, 95))} ms`);
  return work;
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
    const work = await workOfFrames(page, playground, 'three brokers');
    assert.ok((await onTheirWay()) >= 300, 'and they still are');
    assert.ok(work.mean < 16.7 && work.median < 16.7 && work.p95 < 33, JSON.stringify(work));
  }));

test('R24: 100 brokers and 1,000 partitions leave a frame its 33 ms', () =>
  withPage({ path: HUNDRED, stands: 'broker-state-100', reducedMotion: 'no-preference' }, async (playground, { page }) => {
    for (const line of LARGE) await playground.say(line);
    await playground.press('dock-close');
    await playground.at('speed').fill('6');
    const work = await workOfFrames(page, playground, 'a hundred brokers');
    assert.ok(work.mean < 33 && work.median < 33, JSON.stringify(work));
  }));
