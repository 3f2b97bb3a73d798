// A test on a page of its own: an empty profile, the built page, a quiet console.

import assert from 'node:assert/strict';
import { after, before } from 'node:test';
import { launch, open } from './browser.mjs';
import { Playground } from './playground.mjs';
import { serve } from './server.mjs';

let browser;
let server;

before(async () => {
  server = await serve(process.env.DIST ?? 'dist');
  browser = await launch();
});

after(async () => {
  await browser?.close();
  await server?.close();
});

/**
 * Opens the page and gives it to `check`. Afterwards nothing may have been complained about on the
 * console, no load may have failed, and no panic card may be up. `options.path` is what follows the
 * address, such as `#lesson=sandbox`; with `noisy` the test itself makes the browser complain;
 * `stands` names a fact that is there once the cluster stands.
 */
export async function withPage(options, check) {
  const { path = '', noisy = false, stands, ...rest } = options;
  const { page, context, troubles } = await open(browser, server.address + path, rest);
  try {
    const playground = await new Playground(page).ready(stands);
    await check(playground, { page, address: server.address });
    if (!noisy) assert.deepEqual(troubles, [], 'the console is quiet');
    assert.equal(await page.locator('#fatal').isVisible(), false, 'no panic card');
  } catch (error) {
    // What the page said helps more than what the test expected.
    if (troubles.length > 0) error.message += `\nthe page said:\n${troubles.join('\n')}`;
    throw error;
  } finally {
    await context.close();
  }
}
