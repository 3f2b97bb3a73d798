// A page to be measured: in an empty profile, straight from the server (nothing between them, as the tests have
// it), with Chromium's observers switched on before its first line runs.

import { DESKTOP } from '../harness/browser.mjs';
import { Playground } from '../harness/playground.mjs';

/** A page that loads long runs answers late. */
const PATIENCE_MS = 300_000;

/** Opens `address` and gives `check` the page, its playground and the debugger. */
export async function measured(browser, address, check, { cpu = 1, network, stands, go = true } = {}) {
  const context = await browser.newContext({ viewport: DESKTOP, serviceWorkers: 'block' });
  try {
    const page = await context.newPage();
    page.setDefaultTimeout(PATIENCE_MS);
    const debug = await context.newCDPSession(page);
    await page.addInitScript(observe);
    if (network) await debug.send('Network.enable').then(() => debug.send('Network.emulateNetworkConditions', network));
    if (cpu > 1) await debug.send('Emulation.setCPUThrottlingRate', { rate: cpu });
    const playground = new Playground(page);
    if (go) {
      await page.goto(address);
      await playground.ready(stands);
    }
    return await check({ page, playground, debug, context });
  } finally {
    await context.close();
  }
}

/** In the page: collects answers to input, long tasks, and the first moment at which a record is acknowledged. */
function observe() {
  const seen = globalThis.seen = { answers: [], longTasks: [], acknowledged: null };
  new PerformanceObserver((list) => {
    for (const { interactionId, duration } of list.getEntries()) if (interactionId) seen.answers.push({ interactionId, duration });
  }).observe({ type: 'event', durationThreshold: 16, buffered: true });
  new PerformanceObserver((list) => {
    for (const { startTime, duration } of list.getEntries()) seen.longTasks.push({ startTime, duration });
  }).observe({ type: 'longtask', buffered: true });
  // A record below the high watermark has been acknowledged; the picture is painted in the same frame as the words.
  const look = () => {
    const marks = [...document.querySelectorAll('[data-test^="hw-"]')];
    if (!marks.some((mark) => Number(mark.textContent) > 0)) return requestAnimationFrame(look);
    return requestAnimationFrame(() => requestAnimationFrame(() => { seen.acknowledged = performance.now(); }));
  };
  requestAnimationFrame(look);
}

/** The times between frames in so many ms. */
export const framesFor = (page, ms) => page.evaluate((span) => new Promise((done) => {
  const gaps = [];
  let [first, last] = [null, null];
  const look = (at) => {
    if (last !== null) gaps.push(at - last);
    first ??= at;
    last = at;
    if (at - first > span) done(gaps);
    else requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}), ms);

/** Bytes of the page's WebAssembly memories and of its JavaScript heap. */
export async function memory(debug) {
  const { result: prototype } = await debug.send('Runtime.evaluate', { expression: 'WebAssembly.Memory.prototype' });
  const { objects } = await debug.send('Runtime.queryObjects', { prototypeObjectId: prototype.objectId });
  const functionDeclaration = 'function () { return this.reduce((sum, one) => sum + one.buffer.byteLength, 0); }';
  const { result } = await debug.send('Runtime.callFunctionOn', { objectId: objects.objectId, functionDeclaration, returnByValue: true });
  await debug.send('HeapProfiler.collectGarbage');
  await debug.send('Performance.enable');
  const { metrics } = await debug.send('Performance.getMetrics');
  return { program: result.value, script: metrics.find(({ name }) => name === 'JSHeapUsedSize').value };
}
