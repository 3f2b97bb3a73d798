// The same scenarios natively and in the browser: one fingerprint. The module is the bare core, loaded
// without any glue, so nothing but the browser's own machine can make a difference.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { after, before, test } from 'node:test';
import { launch, open } from './harness/browser.mjs';
import { serve } from './harness/server.mjs';

const natively = readFileSync(process.env.PARITY_NATIVE, 'utf8').trim().split('\n').map((line) => {
  const [, number, name, value] = line.split(' ');
  return { number: Number(number), name, value };
});

let browser;
let server;
let page;
let troubles;

before(async () => {
  const module = readFileSync(process.env.PARITY_WASM);
  server = await serve(dirname(process.env.PARITY_WASM), {
    '/': { type: 'text/html', body: '<!doctype html><title>parity</title><link rel="icon" href="data:,">' },
    '/core.wasm': { type: 'application/wasm', body: module },
  });
  browser = await launch();
  ({ page, troubles } = await open(browser, server.address));
});

after(async () => {
  await browser?.close();
  await server?.close();
});

test('the browser plays as many scenarios as were played natively, and more than none', async () => {
  const count = await page.evaluate(async () => {
    const bytes = await (await fetch('/core.wasm')).arrayBuffer();
    const { instance } = await WebAssembly.instantiate(bytes, {});
    globalThis.core = instance.exports;
    return globalThis.core.scenario_count();
  });
  assert.equal(count, natively.length);
  assert.ok(count > 0);
});

for (const { number, name, value } of natively) {
  test(`scenario "${name}" has the same fingerprint natively and in the browser`, async () => {
    const found = await page.evaluate((which) => {
      const bits = BigInt.asUintN(64, globalThis.core.fingerprint(which));
      return bits.toString(16).padStart(16, '0');
    }, number);
    assert.notEqual(value, '0'.repeat(16), 'the native run has no fingerprint');
    assert.equal(found, value);
    assert.deepEqual(troubles, []);
  });
}
