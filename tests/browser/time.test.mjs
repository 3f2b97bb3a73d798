// Time: nothing moves before Play, everything stops at once, every speed ends in the same state.

import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { withPage } from './harness/page.mjs';

const DIST = process.env.DIST ?? 'dist';

/** What both layers of the picture hold, and the clock. */
const frame = (playground) => playground.page.evaluate(() => {
  const layers = [...document.querySelectorAll('[data-test="picture"] canvas')].map((canvas) => canvas.toDataURL());
  return [document.querySelector('[data-test="clock"]').dataset.us, ...layers];
});

/** So many frames of the browser pass. */
const frames = (playground, count) => playground.page.evaluate(async (left) => {
  for (let number = 0; number < left; number += 1) await new Promise((next) => requestAnimationFrame(next));
}, count);

test('R16: nothing moves before Play or Step', () =>
  withPage({ reducedMotion: 'no-preference' }, async (playground) => {
    const before = await frame(playground);
    await frames(playground, 30);
    assert.deepEqual(await frame(playground), before);
    await playground.openSandbox();
    const sandbox = await frame(playground);
    await frames(playground, 30);
    assert.deepEqual(await frame(playground), sandbox);
    await playground.press('transport-step');
    assert.notDeepEqual(await frame(playground), sandbox);
  }));

test('R16: Space pauses within one frame, and so do a hidden tab and a dialog', () =>
  withPage({ path: '#lesson=sandbox', reducedMotion: 'no-preference' }, async (playground, { page }) => {
    const clockRises = async () => {
      const from = await playground.clock();
      await playground.until('time passes', (us) => Number(document.querySelector('[data-test="clock"]').dataset.us) > us, from);
    };
    const stands = async () => {
      await playground.untilPaused();
      const still = await frame(playground);
      await frames(playground, 20);
      assert.deepEqual(await frame(playground), still);
    };
    await playground.at('app').evaluate(() => document.activeElement?.blur());
    await playground.key(' ');
    await clockRises();
    // From the key to the next frame but one: the state layer and the clock are what they stay.
    const [at, later] = await page.evaluate(async () => {
      const next = () => new Promise((done) => requestAnimationFrame(done));
      const clock = () => document.querySelector('[data-test="clock"]').dataset.us;
      document.body.dispatchEvent(new KeyboardEvent('keydown', { key: ' ', bubbles: true, cancelable: true }));
      await next();
      await next();
      const first = clock();
      for (let number = 0; number < 20; number += 1) await next();
      return [first, clock()];
    });
    assert.equal(at, later);
    await stands();

    await playground.key(' ');
    await clockRises();
    await page.evaluate(() => {
      Object.defineProperty(document, 'hidden', { configurable: true, get: () => true });
      document.dispatchEvent(new Event('visibilitychange'));
    });
    await stands();
    await page.evaluate(() => { delete document.hidden; });

    await playground.play();
    await clockRises();
    await playground.key('?');
    await playground.at('dialog').waitFor();
    await stands();
  }));

test('R17: at five speeds from 1/1000 to 100 the same stretch ends in the same state, and the factor is shown', () =>
  withPage({ path: '#lesson=sandbox' }, async (playground, { page }) => {
    await playground.say('producer p --topic trucks_gps');
    await playground.say('wait 2s');
    await playground.say('send p --count 5 hello');
    const [start] = page.url().split('#');
    await playground.press('share');
    const moment = new URL(await playground.at('link').inputValue()).hash;
    await playground.key('Escape');
    const texts = new Set();
    const hashes = new Set();
    for (const [step, by] of [[0, 3_000], [3, 30_000], [6, 300_000], [8, 300_000], [10, 300_000]]) {
      await page.goto('about:blank');
      await page.goto(start + moment);
      await playground.ready();
      await playground.at('speed').fill(String(step));
      const from = await playground.clock();
      await playground.play();
      await playground.until('time passes', ([us, span]) => Number(document.querySelector('[data-test="clock"]').dataset.us) >= us + span, [from, by]);
      texts.add((await page.locator('.speed output').textContent()).trim());
      await playground.pause();
      // Whatever frame it stopped in: from there on to one time. An event that was lost would still be missing.
      await playground.untilPaused();
      const missing = from + 60_000_000 - (await playground.clock());
      assert.ok(missing > 0, `${missing}`);
      await playground.say(`wait ${missing}us`);
      hashes.add(`${await playground.clock()} ${await playground.stateHash()}`);
    }
    assert.equal(hashes.size, 1, [...hashes].join(', '));
    assert.ok(texts.size >= 4, [...texts].join(', '));
  }));

test('R18: the text is readable before the program arrives', () =>
  withPage({}, async (playground, { page, address }) => {
    let release;
    const held = new Promise((go) => { release = go; });
    await page.route('**/*.wasm', async (route) => {
      await held;
      await route.continue().catch(() => {});
    });
    await page.goto('about:blank');
    await page.goto(address, { waitUntil: 'commit' });
    const title = page.locator('main h1');
    await title.waitFor();
    assert.match(await title.textContent(), /Where will truck C/);
    assert.equal(await playground.at('app').count(), 0, 'the program is not there yet');
    assert.equal(await page.evaluate(() => document.querySelectorAll('.spinner, progress').length), 0);
    release();
    await playground.ready();
  }));

test('R18: WebAssembly and JavaScript weigh at most 1.0 MB compressed', () => {
  const files = readdirSync(DIST).filter((name) => /\.(wasm|js)$/.test(name));
  // Brotli is what every browser takes and what the sample configurations send; a host that has only gzip
  // sends about a quarter more, which is printed too.
  const brotli = (bytes) => brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } });
  const sum = (pack) => files.reduce((all, name) => all + pack(readFileSync(join(DIST, name))).length, 0);
  const sizes = files.map((name) => brotli(readFileSync(join(DIST, name))).length);
  const all = sizes.reduce((sum, size) => sum + size, 0);
  console.log(`    ${all} bytes by brotli, ${sum((bytes) => gzipSync(bytes, { level: 9 }))} by gzip`);
  assert.ok(all <= 1_000_000, `${all} bytes: ${files.map((name, index) => `${name} ${sizes[index]}`).join(', ')}`);
});
