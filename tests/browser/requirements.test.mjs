// What the page as a whole promises, by the numbers of the project's list of requirements. Each is one test
// whose name begins with its number; the requirements of single panels stand in the files of these panels.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { DESKTOP, PHONE, SMALL } from './harness/browser.mjs';
import { withPage } from './harness/page.mjs';
import { HUNDRED, LARGE } from './scenes.mjs';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const LESSONS = ['where-a-record-goes', 'losing-a-broker', 'sharing-the-work'];

async function axe(page) {
  await page.evaluate(AXE);
  const found = await page.evaluate(() => globalThis.axe.run(document, {
    runOnly: { type: 'tag', values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] },
  }));
  return found.violations.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map((node) => node.html).join(' | ')}`);
}

/** Presses a button of the transport and waits until the state is another one. */
async function moved(playground, hook) {
  const before = await playground.stateHash();
  await playground.press(hook);
  await playground.until(`${hook} moves`, (was) => document.querySelector('[data-test="app"]').dataset.stateHash !== was, before);
}

test('R2: stepping forward and back brings back the identical state at every step', async () => {
  for (const lesson of LESSONS) {
    await withPage({ path: `#lesson=${lesson}` }, async (playground) => {
      assert.ok(await playground.at('transport-back').isVisible(), 'back is a button');
      await playground.press('dont-know');
      const hashes = [await playground.stateHash()];
      for (let step = 0; step < 15; step += 1) {
        if ((await playground.at('transport-step').getAttribute('aria-disabled')) === 'true') break;
        await moved(playground, 'transport-step');
        hashes.push(await playground.stateHash());
      }
      assert.ok(hashes.length > 5, `${lesson}: only ${hashes.length - 1} steps could be taken`);
      for (const wanted of hashes.slice(0, -1).reverse()) {
        await moved(playground, 'transport-back');
        assert.equal(await playground.stateHash(), wanted, lesson);
      }
    });
  }
});

test('R3: a dragged time shows the state of that time, at once; a key leads from mark to mark', () =>
  withPage({ path: '#lesson=sandbox' }, async (playground, { page }) => {
    // A follower that is cut off for longer than replica.lag.time.max.ms, then a broker that dies.
    for (const line of ['cut 101 103', 'wait 45s', 'kill 102', 'wait 30s']) await playground.say(line);
    await playground.untilPaused();
    const glyphs = await page.locator('.axis .mark:not(.minor)').evaluateAll((all) => all.map((one) => one.dataset.kind));
    for (const kind of ['fault', 'leader', 'ISR', 'group']) assert.ok(glyphs.includes(kind), `${kind} among ${glyphs}`);
    // Places by value of the slider, first in order, then in another: each gives its own state again.
    const seek = (value) => page.evaluate((wanted) => {
      const slider = document.querySelector('[data-test="scrubber"]');
      const began = performance.now();
      slider.value = wanted;
      slider.dispatchEvent(new InputEvent('input', { bubbles: true }));
      return new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done({
        took: performance.now() - began,
        hash: document.querySelector('[data-test="app"]').dataset.stateHash,
      }))));
    }, String(value));
    const max = Number(await playground.at('scrubber').inputValue());
    const places = Array.from({ length: 12 }, (_, number) => Math.floor((max * (number + 1)) / 13));
    const linear = new Map();
    for (const place of places) linear.set(place, (await seek(place)).hash);
    assert.ok(new Set(linear.values()).size > 6, 'the places differ');
    const times = [];
    for (const place of [...places, ...places].map((_, number) => places[(number * 5) % places.length])) {
      const { took, hash } = await seek(place);
      assert.equal(hash, linear.get(place));
      times.push(took);
    }
    times.sort((a, b) => a - b);
    console.log(`    seeks: median ${times[Math.floor(times.length / 2)].toFixed(0)} ms, p95 ${times[Math.floor(times.length * 0.95)].toFixed(0)} ms`);
    await playground.key('Home');
    // A seek takes as many frames as it needs: the clock tells when it is there.
    const jump = async (key) => {
      const from = await playground.clock();
      await page.locator('body').press(key);
      await playground.until(`${key} leads elsewhere`, (us) => Number(document.querySelector('[data-test="clock"]').dataset.us) !== us, from);
      return playground.clock();
    };
    const stops = [await jump('.'), await jump('.'), await jump('.')];
    assert.ok(stops[0] < stops[1] && stops[1] < stops[2], `${stops}`);
    assert.equal(await jump(','), stops[1], 'and back');
  }));

test('R12: ? lists the keys, and single letters do nothing while something is typed', () =>
  withPage({ path: '#lesson=sandbox' }, async (playground, { page }) => {
    await page.locator('body').press('?');
    const help = page.locator('dialog[open]');
    await help.waitFor();
    for (const key of ['Space', '→', '?', 'Esc']) assert.match(await help.innerText(), new RegExp(key.replace('?', '\\?')));
    await playground.key('Escape');
    await help.waitFor({ state: 'hidden' });
    await page.locator('body').press('/');
    const before = await playground.stateHash();
    await playground.at('command-input').pressSequentially('rest nul');
    assert.equal(await playground.at('command-input').inputValue(), 'rest nul');
    assert.equal(await playground.stateHash(), before);
    assert.equal(await page.locator('dialog[open]').count(), 0);
  }));

test('R13: beside the canvas stands a DOM with a summary and a control for each thing, true at every step', async () => {
  for (const scheme of ['light', 'dark']) {
    await withPage({ path: '#lesson=sandbox', scheme }, async (playground, { page }) => {
      const controls = () => page.locator('.hits button').evaluateAll((all) => all.map((one) => one.dataset.target));
      const has = async (wanted) => assert.ok((await controls()).includes(wanted), `${wanted} among ${await controls()}`);
      for (const thing of ['broker-101', 'broker-102', 'broker-103', 'zookeeper-1']) await has(thing);
      assert.ok((await controls()).some((thing) => thing.startsWith('replica-101-')), 'replicas');
      assert.ok(await page.locator('main h2').first().textContent(), 'a heading');
      await playground.hurry();
      await playground.choose('broker-103', 'kill');
      await playground.playUntil('broker-state-103', 'dead');
      assert.match(await playground.fact('picture-words'), /3 brokers, 2 up/);
      const label = await playground.at('hit-broker-103').getAttribute('aria-label');
      assert.match(label, /103/);
      assert.deepEqual(await axe(page), [], scheme);
    });
  }
});

test('R14: one polite live region speaks at most every two seconds, the event log is silent', () =>
  withPage({ path: '#lesson=sandbox' }, async (playground, { page }) => {
    assert.equal(await page.locator('[aria-live="polite"], [role="status"][aria-live]').count(), 1, 'one live region');
    await playground.press('tab-events');
    assert.equal(await page.locator('[role="log"]').getAttribute('aria-live'), 'off');
    await playground.hurry();
    const changes = await page.evaluate(() => new Promise((done) => {
      const seen = [];
      const region = document.querySelector('[data-test="announcement"]');
      new MutationObserver(() => seen.push(performance.now())).observe(region, { childList: true, characterData: true, subtree: true });
      document.querySelector('[data-test="transport-play"]').click();
      // Ten seconds of wall time are what the requirement speaks of.
      const began = performance.now();
      const look = () => (performance.now() - began > 10_000 ? done(seen.length) : requestAnimationFrame(look));
      look();
    }));
    assert.ok(changes <= 6, `${changes} announcements in ten seconds`);
    await playground.pause();
    await playground.press('transport-step');
    assert.notEqual((await playground.fact('announcement')).trim(), '');
  }));

/** What the picture shows, as one number; read from a copy, so that the page's own canvases stay fast. */
const LOOK = `
  globalThis.look = () => {
    const canvases = [...document.querySelectorAll('[data-test="picture"] canvas')];
    const copy = globalThis.copy ??= document.createElement('canvas').getContext('2d', { willReadFrequently: true });
    Object.assign(copy.canvas, { width: canvases[0].width, height: canvases[0].height });
    for (const canvas of canvases) copy.drawImage(canvas, 0, 0);
    const { data } = copy.getImageData(0, 0, copy.canvas.width, copy.canvas.height);
    let sum = 0;
    for (let at = 0; at < data.length; at += 4) sum = (sum * 31 + data[at] * 65536 + data[at + 1] * 256 + data[at + 2]) % 4294967291;
    return sum;
  };`;

test('R15: with reduced motion nothing travels: the picture is a still between two events, and the wish is followed at once', () =>
  withPage({ path: '#lesson=sandbox', reducedMotion: 'no-preference' }, async (playground, { page }) => {
    await page.evaluate(LOOK);
    await page.emulateMedia({ reducedMotion: 'reduce' });
    const told = async () => Number(await playground.at('tab-events').locator('em').textContent());
    const before = await told();
    await playground.play();
    const seen = await page.evaluate(async () => {
      const frames = [];
      for (let frame = 0; frame < 60; frame += 1) {
        await new Promise(requestAnimationFrame);
        frames.push(globalThis.look());
      }
      return frames;
    });
    await playground.pause();
    const events = (await told()) - before;
    const pictures = seen.slice(1).filter((frame, index) => frame !== seen[index]).length;
    assert.ok(pictures <= events + 1, `${pictures} pictures for ${events} events`);
    const still = await page.evaluate(() => globalThis.look());
    await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
    assert.equal(await page.evaluate(() => globalThis.look()), still);
  }));

for (const viewport of [DESKTOP, SMALL, PHONE]) {
  test(`R19: picture, question and transport are visible together at ${viewport.width}x${viewport.height}`, async () => {
    for (const lesson of LESSONS) {
      await withPage({ viewport, path: `#lesson=${lesson}` }, async (playground, { page }) => {
        const sideways = await page.evaluate(() => document.scrollingElement.scrollWidth - window.innerWidth);
        assert.ok(sideways <= 0, `${lesson} scrolls sideways by ${sideways}`);
        for (const hook of ['picture', 'transport-play', 'transport-back', 'transport-step', 'scrubber']) {
          const box = await playground.at(hook).boundingBox();
          assert.ok(box && box.x >= 0 && box.y >= 0 && box.x + box.width <= viewport.width + 0.5 && box.y < viewport.height, `${hook} of ${lesson}: ${JSON.stringify(box)}`);
        }
        const question = await playground.at('question').boundingBox();
        assert.ok(question && question.y >= 0 && question.y + question.height <= viewport.height, `the question of ${lesson}`);
      });
    }
  });
}

/** Relative luminance as WCAG 2 has it. */
const luminance = ([r, g, b]) => {
  const linear = (value) => (value / 255 <= 0.04045 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4);
  return 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
};

/** One partition with all four roles: 101 leads, 103 follows, 102 falls out of the ISR, 104 dies. */
const FOUR = '#k1&seed=7&lesson=sandbox&brokers=101,102,103,104';
const FOUR_ROLES = [
  'kafka-topics.sh --create --topic t --replica-assignment 101:102:103:104', 'wait 2s',
  'producer p --topic t --config acks=all', 'send p --key A 1', 'send p --key B 2', 'wait 2s',
  'cut 101 102', 'kill 104', 'send p --key C 3', 'wait 60s',
];

test('R20: leader, follower, out of sync and dead differ in greyscale, in both themes', async () => {
  for (const scheme of ['light', 'dark']) {
    await withPage({ path: FOUR, scheme }, async (playground, { page }) => {
      for (const line of FOUR_ROLES) await playground.say(line);
      await playground.untilPaused();
      assert.equal(await playground.fact('isr-t-0'), '101,103', 'one follower in sync, one not');
      assert.equal(await playground.broker(104), 'dead');
      assert.equal(await playground.fact('hw-t-0'), '3');
      await playground.press('dock-close');
      await page.mouse.move(0, 0);
      // The grey values of each replica's place, without hue; all places have one size.
      const replicas = await page.evaluate(() => {
        const canvas = document.querySelector('[data-test="picture"] canvas');
        const copy = Object.assign(document.createElement('canvas'), { width: canvas.width, height: canvas.height });
        const context = copy.getContext('2d', { willReadFrequently: true });
        context.drawImage(canvas, 0, 0);
        const ratio = canvas.width / canvas.clientWidth;
        const home = canvas.getBoundingClientRect();
        const all = [...document.querySelectorAll('.hits [data-target^="replica-"]')];
        const { width, height } = all[0].getBoundingClientRect();
        return all.map((one) => {
          const { x, y } = one.getBoundingClientRect();
          const { data } = context.getImageData((x - home.x) * ratio, (y - home.y) * ratio, Math.floor(width * ratio), Math.floor(height * ratio));
          const grey = [];
          for (let at = 0; at < data.length; at += 4) grey.push(0.299 * data[at] + 0.587 * data[at + 1] + 0.114 * data[at + 2]);
          return { target: one.dataset.target, grey };
        });
      });
      assert.equal(replicas.length, 4, replicas.map((one) => one.target).join(', '));
      const median = (values) => values.toSorted((low, high) => low - high)[Math.floor(values.length / 2)];
      for (const [index, one] of replicas.entries()) {
        for (const other of replicas.slice(index + 1)) {
          const ground = [median(one.grey), median(other.grey)];
          const ink = (grey, which) => grey.map((value) => Math.abs(value - ground[which]) > 24);
          const [first, second] = [ink(one.grey, 0), ink(other.grey, 1)];
          const drawn = Math.max(first.filter(Boolean).length, second.filter(Boolean).length);
          const apart = first.filter((value, at) => value !== second[at]).length / drawn;
          assert.ok(apart > 0.2, `${scheme}: ${one.target} and ${other.target} look alike in grey: ${apart.toFixed(2)} of their ink differs`);
        }
      }
      // Ink on paper and the red of what is lost, against the ground that they stand on.
      const tokens = await page.evaluate(() => {
        const style = getComputedStyle(document.documentElement);
        const rgb = (name) => {
          const probe = document.createElement('i');
          probe.style.color = style.getPropertyValue(name);
          document.body.append(probe);
          const found = getComputedStyle(probe).color.match(/[\d.]+/g).slice(0, 3).map(Number);
          probe.remove();
          return found;
        };
        return Object.fromEntries(['--ink', '--ink2', '--ink3', '--red', '--edge', '--row', '--desk', '--paper'].map((name) => [name, rgb(name)]));
      });
      const ratio = (one, other) => {
        const [light, dark] = [luminance(tokens[one]), luminance(tokens[other])].sort((a, b) => b - a);
        return (light + 0.05) / (dark + 0.05);
      };
      for (const ground of ['--row', '--desk', '--paper']) {
        for (const text of ['--ink', '--ink2', '--ink3', '--red']) assert.ok(ratio(text, ground) >= 4.5, `${scheme}: ${text} on ${ground} ${ratio(text, ground).toFixed(2)}`);
        assert.ok(ratio('--edge', ground) >= 3, `${scheme}: edges on ${ground}`);
      }
    });
  }
});

test('R25: a hundred brokers and a thousand partitions: counts in words, 57 by the filter, names on hover and focus', () =>
  withPage({ path: HUNDRED, stands: 'broker-state-100' }, async (playground, { page }) => {
    for (const line of LARGE) await playground.say(line);
    await playground.untilPaused();
    await playground.press('dock-close');
    assert.match(await playground.fact('picture-words'), /100 brokers, 99 up/);
    const partitions = () => page.locator('.hits [data-target^="partition-"]').count();
    assert.equal(await partitions(), 1000);
    assert.match(await playground.fact('only-unhealthy'), /\b57\b/);
    await playground.press('only-unhealthy');
    assert.equal(await partitions(), 57);
    const tile = page.locator('.hits [data-target^="partition-"]').nth(20);
    const caption = () => tile.evaluate((element) => getComputedStyle(element, '::after').content);
    assert.equal(await caption(), 'none');
    await tile.hover();
    assert.match(await caption(), /lane-\d-\d+/);
    await page.mouse.move(0, 0);
    await tile.focus();
    await playground.key('Shift');
    assert.match(await caption(), /lane-\d-\d+/);
    await playground.press('only-unhealthy');
    assert.equal(await partitions(), 1000);
  }));
