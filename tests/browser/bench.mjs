// `cargo xtask bench --page`: the page's speed and weight against its targets, in one run. Everything is measured
// in headless Chromium, drawn by software on a machine that may have other work: what the thread itself used is
// printed beside what the clock says, and a page that only draws circles stands beside ours.

import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, constants } from 'node:zlib';
import { launch } from './harness/browser.mjs';
import { serve } from './harness/server.mjs';
import { framesFor, measured, memory } from './bench/page.mjs';
import { Table, median, percentile } from './bench/numbers.mjs';
import { JOINED, flight, sceneS } from './bench/scene.mjs';
import { traced } from './bench/trace.mjs';
import { HUNDRED, LARGE } from './scenes.mjs';

const DIST = process.env.DIST ?? 'dist';
/** How long frames are counted, and how long they are traced. */
const COUNTED_MS = Number(process.env.COUNTED_MS ?? 60_000);
const TRACED_MS = Number(process.env.TRACED_MS ?? 15_000);
const COLD_STARTS = 9;
const SEEKS = 200;
const PRESSES = 20;
const CIRCLES = 200;
const REAL_TIME = '6';
const FASTEST = '10';
/** 10 Mbit/s and 40 ms there and back. */
const NETWORK = { offline: false, latency: 40, downloadThroughput: 10e6 / 8, uploadThroughput: 10e6 / 8 };
/** One million events and some more: a link has at most 5,000 commands, then time passes. */
const MILLION = { seconds: 400, rest: 950 };

/** What is drawn where nothing but drawing is to be done. */
const CIRCLES_ONLY = `<!doctype html><title>circles</title><link rel="icon" href="data:,"><canvas width="1110" height="720"></canvas><script>
const context = document.querySelector('canvas').getContext('2d');
requestAnimationFrame(function draw(at) {
  context.clearRect(0, 0, 1110, 720);
  for (let one = 0; one < ${CIRCLES}; one += 1) {
    context.beginPath();
    context.arc((one * 37 + at / 7) % 1110, (one * 91) % 720, 4, 0, 7);
    context.fill();
  }
  requestAnimationFrame(draw);
});</script>`;

const table = new Table();

/** Goes to where the scene begins, in real time, and lets it go on. */
async function beginScene(playground) {
  await playground.press('transport-start');
  await playground.at('speed').fill(FASTEST);
  await playground.play();
  await playground.until('everybody has joined', (us) => Number(document.querySelector('[data-test="clock"]').dataset.us) >= us, JOINED * 1e6);
  await playground.pause();
  await playground.at('speed').fill(REAL_TIME);
  await playground.play();
}

const missed = (gaps) => (100 * gaps.filter((gap) => gap > 25).length) / gaps.length;

/** Frames of what is going on, by the clock and by the trace. */
async function frames(browser, page) {
  const gaps = await framesFor(page, COUNTED_MS);
  const rows = await traced(browser, page, () => framesFor(page, TRACED_MS));
  const part = (what) => percentile(rows.map((row) => row[what]), 95);
  return { gaps, script: part('script'), work: part('work'), scriptOwn: part('scriptOwn'), workOwn: part('workOwn'), traced: rows.length };
}

function judgeFrames(found, { missedMost, scriptMost, workMost }, circles) {
  table.most('frames missed (more than 25 ms)', missed(found.gaps), missedMost, '%');
  if (scriptMost) {
    table.most('script of the main thread in a frame, p95', found.script, scriptMost, 'ms');
    table.note('… of which the thread itself used', found.scriptOwn, 'ms');
    table.most('script, style, layout and paint in a frame, p95', found.work, workMost, 'ms');
    table.note('… of which the thread itself used', found.workOwn, 'ms');
  }
  if (circles && scriptMost) table.most(`script against ${CIRCLES} circles on a canvas, p95 of the thread's own`, found.scriptOwn / circles.scriptOwn, 2, '');
  table.note('time from frame to frame, median', median(found.gaps), 'ms');
}

const S_FRAMES = { missedMost: 1, scriptMost: 5, workMost: 10 };

async function scene(browser, server, circles) {
  const path = sceneS({ seconds: 180 });
  table.title('Scene S, in real time: 6 brokers, 30 partitions x RF 3, 10 producers, 3 groups of 4, a fault every 10 s (rank 7)');
  await measured(browser, server.address + path, async ({ page, playground }) => {
    await beginScene(playground);
    judgeFrames(await frames(browser, page), S_FRAMES, circles);
    table.most('elements in the page', await page.evaluate(() => document.querySelectorAll('*').length), 4000, '');
  });
  await measured(browser, server.address + path, async ({ page, playground }) => {
    await beginScene(playground);
    table.most('frames missed with a processor 4 times slower', missed(await framesFor(page, COUNTED_MS / 2)), 10, '%');
  }, { cpu: 4 });
  table.title('300 records and more on their way, each drawn: 3 brokers, 12 partitions, at 1/100 (rank 7, requirement 24)');
  await measured(browser, server.address + flight(), async ({ page, playground }) => {
    await playground.at('speed').fill('2');
    await playground.play();
    judgeFrames(await frames(browser, page), S_FRAMES, circles);
  });
  table.title('100 brokers and 1,000 partitions, in real time (requirement 24)');
  await measured(browser, server.address + HUNDRED, async ({ page, playground }) => {
    for (const line of LARGE) await playground.say(line);
    await playground.press('dock-close');
    await playground.at('speed').fill(REAL_TIME);
    await playground.play();
    const found = await frames(browser, page);
    table.most('time from frame to frame, median', median(found.gaps), 33, 'ms');
    judgeFrames(found, { missedMost: 10, scriptMost: 16.7, workMost: 33 });
  }, { stands: 'broker-state-100' });
}

/** Every control that stays where it is, pressed again and again: the worst answer. */
async function answers(browser, server, cpu, most) {
  await measured(browser, server.address + sceneS({ seconds: 180 }), async ({ page, playground }) => {
    await beginScene(playground);
    const hooks = await page.locator('.dock [role="tab"], [data-test="theme"], [data-test="only-unhealthy"], [data-test^="topic-"], [data-test="transport-play"], [data-test="transport-back"], [data-test="transport-step"]')
      .evaluateAll((all) => all.map((one) => one.dataset.test));
    await page.evaluate(() => { globalThis.seen.answers = []; globalThis.seen.longTasks = []; });
    const worst = [];
    for (const hook of hooks) {
      // What is only there while something is unhealthy may be gone by now.
      for (let press = 0; press < PRESSES && await playground.at(hook).isVisible(); press += 1) await playground.press(hook);
      await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
      worst.push([hook, await page.evaluate(() => {
        const all = globalThis.seen.answers.splice(0).map(({ duration }) => duration);
        return all.length ? Math.max(...all) : 16;
      })]);
    }
    const [hook, slowest] = worst.toSorted(([, one], [, other]) => other - one)[0];
    table.most(`worst answer of ${hooks.length} controls, ${PRESSES} presses each${cpu > 1 ? `, cpu x${cpu}` : ''}: ${hook}`, slowest, most, 'ms');
    table.note('median of the worst answers of the controls', median(worst.map(([, value]) => value)), 'ms');
    if (cpu === 1) table.most('tasks of more than 50 ms meanwhile', await page.evaluate(() => globalThis.seen.longTasks.length), 0, '');
  }, { cpu });
}

async function firstRecord(browser, server) {
  const [first, ready] = [[], []];
  for (let start = 0; start < COLD_STARTS; start += 1) {
    await measured(browser, server.address, async ({ page }) => {
      await page.goto(server.address);
      await page.waitForFunction(() => globalThis.seen.acknowledged !== null);
      const found = await page.evaluate(() => [globalThis.seen.acknowledged, performance.getEntriesByName('first-contentful-paint')[0]?.startTime]);
      first.push(found[0]);
      ready.push(found[1]);
    }, { cpu: 4, network: NETWORK, go: false });
  }
  table.most('first acknowledged record on the screen, median', median(first) / 1000, 1, 's');
  table.note(`… least and most of ${COLD_STARTS} visits: ${(Math.min(...first) / 1000).toFixed(2)} to`, Math.max(...first) / 1000, 's');
  table.note('something to read, median', median(ready) / 1000, 's');
  await measured(browser, server.address, async ({ page }) => {
    await page.waitForFunction(() => globalThis.seen.acknowledged !== null);
    const blocked = await page.evaluate(() => globalThis.seen.longTasks.reduce((sum, { duration }) => sum + duration - 50, 0));
    table.most('time blocked while loading, cpu x1 (rank 8)', blocked, 100, 'ms');
  });
}

/** Puts the slider to a place and says how long it takes until that moment is painted and laid out, and which state it is. */
const seek = (page, place) => page.evaluate((wanted) => new Promise((done) => {
  const slider = document.querySelector('[data-test="scrubber"]');
  const app = document.querySelector('[data-test="app"]');
  const began = performance.now();
  const told = (changed) => {
    observer.disconnect();
    const script = performance.now() - began;
    document.body.getBoundingClientRect();
    const took = performance.now() - began;
    requestAnimationFrame(() => done({ changed, took, script, hash: app.dataset.stateHash }));
  };
  // Told of after the turn in which the page draws, its canvases included. A place of the axis that is where one
  // stands already changes nothing: some frames later that is certain.
  const observer = new MutationObserver(() => told(true));
  observer.observe(app, { attributeFilter: ['data-state-hash'] });
  let frames = 0;
  requestAnimationFrame(function wait() {
    frames += 1;
    if (frames < 10) requestAnimationFrame(wait);
    else told(false);
  });
  slider.value = wanted;
  slider.dispatchEvent(new InputEvent('input', { bubbles: true }));
}), String(place));

async function seeks(browser, server) {
  await measured(browser, server.address + sceneS(MILLION), async ({ page, playground, debug }) => {
    await playground.press('share');
    const [file] = await Promise.all([page.waitForEvent('download'), playground.press('save-run')]);
    const [, events] = readFileSync(await file.path(), 'utf8').match(/^at=\d+~(\d+)$/m);
    await playground.key('Escape');
    table.least('events in the run', Number(events), 1_000_000, '');
    const most = Number(await playground.at('scrubber').getAttribute('max'));
    const [end, hashes, times, scripts] = [await playground.stateHash(), new Map(), [], []];
    let wrong = 0;
    // Steps that share no factor with the number of places visit all of them, far from one to the next; twice.
    for (let number = 0; number < SEEKS; number += 1) {
      const place = Math.floor((most * ((number * 37) % (SEEKS / 2))) / (SEEKS / 2));
      const { changed, took, script, hash } = await seek(page, place);
      if (hashes.has(place) && hashes.get(place) !== hash) wrong += 1;
      hashes.set(place, hash);
      if (!changed) continue;
      times.push(took);
      scripts.push(script);
    }
    await playground.press('transport-start');
    await playground.press('transport-end');
    table.most('seek to anywhere, p95', percentile(times, 95), 50, 'ms');
    table.most('seek to anywhere, worst', Math.max(...times), 100, 'ms');
    table.note('… median', median(times), 'ms');
    table.note('seeks that led somewhere else', times.length, '');
    table.note('… of which script, p95', percentile(scripts, 95), 'ms');
    table.least('seeks in a second', 1000 / (times.reduce((sum, time) => sum + time, 0) / times.length), 20, '');
    table.most('places that showed another state the second time', wrong + Number(end !== await playground.stateHash()) + Number(hashes.size < SEEKS / 4), 0, '');
    const { program, script } = await memory(debug);
    table.note('memory of the page after this run', (program + script) / 2 ** 20, 'MB');
  });
}

/** Ten minutes of the scene, and five: what lies between them is the slope. */
async function kept(browser, server) {
  const sizes = [];
  for (const seconds of [300, 600]) {
    const everyMs = seconds > 400 ? 2000 : 1000;
    await measured(browser, server.address + sceneS({ seconds, everyMs }), async ({ debug }) => {
      const { program, script } = await memory(debug);
      sizes.push((program + script) / 2 ** 20);
    });
  }
  table.most('memory after 10 minutes of S', sizes[1], 64, 'MB');
  table.most('… a minute more, from the 5th to the 10th', Math.max(0, sizes[1] - sizes[0]) / 5, 0.1, 'MB');
}

function weight() {
  const size = (name) => brotliCompressSync(readFileSync(join(DIST, name)), { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }).length;
  const files = readdirSync(DIST).filter((name) => /\.(html|js|wasm|css|svg|png|webmanifest|woff2)$/.test(name));
  const [program] = files.filter((name) => name.endsWith('.wasm'));
  const sizes = Object.fromEntries(files.map((name) => [name, size(name)]));
  const sum = (ending) => files.filter((name) => ending.test(name)).reduce((all, name) => all + sizes[name], 0) / 1000;
  table.most('whole page, brotli', sum(/./), 230, 'kB');
  table.most('WebAssembly and JavaScript, brotli (requirement 18)', sum(/\.(wasm|js)$/), 1000, 'kB');
  table.most('WebAssembly as it is', readFileSync(join(DIST, program)).length / 1000, 650, 'kB');
  table.most('JavaScript, brotli', sum(/\.js$/), 12, 'kB');
}

async function run() {
  const server = await serve(DIST, { '/circles.html': { type: 'text/html', body: CIRCLES_ONLY } });
  const browser = await launch();
  const wanted = process.argv.slice(2);
  const part = async (name, title, work) => {
    if (wanted.length > 0 && !wanted.includes(name)) return;
    table.title(title);
    await work();
  };
  try {
    console.log(`Chromium ${browser.version()}, headless, --disable-gpu, ${process.arch}`);
    table.head();
    await part('weight', 'Weight (rank 4)', weight);
    await part('first', 'First visit at 10 Mbit/s, 40 ms, cpu x4, nothing kept (rank 5)', () => firstRecord(browser, server));
    await part('memory', 'Memory (rank 6)', () => kept(browser, server));
    let circles;
    await part('frames', `Beside it: ${CIRCLES} circles on a canvas`, () => measured(browser, `${server.address}circles.html`, async ({ page }) => {
      await page.goto(`${server.address}circles.html`);
      circles = await frames(browser, page);
      table.note('script of the main thread in a frame, p95', circles.script, 'ms');
      table.note('frames missed (more than 25 ms): the machine itself', missed(circles.gaps), '%');
    }, { go: false }).then(() => scene(browser, server, circles)));
    await part('answers', 'Answers to a press while S goes on (rank 8)', async () => {
      await answers(browser, server, 1, 48);
      await answers(browser, server, 4, 200);
    });
    await part('seek', 'Seeks in a run of 1,000,000 events of S (rank 9)', () => seeks(browser, server));
    table.sum();
  } finally {
    await browser.close();
    await server.close();
  }
}

await run();
