// The page without a network: after one visit it opens again, whole, and never as a mixture of two builds.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { launch } from './harness/browser.mjs';
import { Playground } from './harness/playground.mjs';
import { serve } from './harness/server.mjs';

const DIST = process.env.DIST ?? 'dist';
let browser;

before(async () => { browser = await launch(); });
after(() => browser?.close());

/** A profile that lets the page keep itself, and a server that can be switched off or changed. */
async function visit(check) {
  const extra = {};
  const server = await serve(DIST, extra);
  const context = await browser.newContext({ reducedMotion: 'reduce' });
  try {
    const page = await context.newPage();
    page.setDefaultTimeout(60_000);
    await check({ page, server, extra, playground: new Playground(page) });
  } finally {
    await context.close();
    await server.close().catch(() => {});
  }
}

/** The cache that holds the page itself, if there is one. */
async function kept() {
  for (const name of await caches.keys()) if (await (await caches.open(name)).match('./')) return name;
  return null;
}

test('after the first visit the page opens without a network, every file from the same build', () =>
  visit(async ({ page, server, playground }) => {
    await page.goto(server.address);
    await playground.ready();
    await page.evaluate(() => navigator.serviceWorker.ready);
    const cache = await (await page.waitForFunction(kept)).jsonValue();
    const files = await page.evaluate(async (name) => {
      return (await (await caches.open(name)).keys()).map((request) => new URL(request.url).pathname);
    }, cache);
    const html = readFileSync(join(DIST, 'index.html'), 'utf8');
    for (const [, file] of html.matchAll(/(?:href|src)="\.\/([^"]+)"/g)) assert.ok(files.includes(`/${file}`), `${file} is kept`);
    await server.close();
    await page.reload();
    await playground.ready();
    await playground.openLesson('losing-a-broker');
    assert.equal((await playground.lesson()).id, 'losing-a-broker');
    // A build without Node has no typefaces of its own, and says so while it builds.
    if (html.includes('/fonts-')) {
      const loaded = (font) => document.fonts.load(font).then((faces) => faces.map((face) => face.status));
      for (const font of ['600 16px "IBM Plex Serif"', '500 12px "IBM Plex Sans Condensed"', '400 12px "IBM Plex Mono"', '400 14px "IBM Plex Sans"']) {
        assert.deepEqual(await page.evaluate(loaded, font), ['loaded'], font);
      }
    }
    assert.equal(await page.locator('#fatal').isVisible(), false);
  }));

test('a page of another build is never kept together with this build’s files', () =>
  visit(async ({ page, server, extra, playground }) => {
    const other = readFileSync(join(DIST, 'index.html'), 'utf8').replace('</body>', '<!-- another build --></body>');
    extra['/'] = { type: 'text/html; charset=utf-8', body: other };
    await page.goto(server.address);
    await playground.ready();
    const state = await page.evaluate(async () => {
      const registration = await navigator.serviceWorker.getRegistration();
      const worker = registration?.installing ?? registration?.waiting ?? registration?.active;
      if (!worker) return 'gone';
      return new Promise((known) => {
        const tell = () => ['redundant', 'activated'].includes(worker.state) && known(worker.state);
        worker.addEventListener('statechange', tell);
        tell();
      });
    });
    assert.match(state, /redundant|gone/);
    assert.equal(await page.evaluate(kept), null);
  }));

test('the page can be installed: name, icons and a start that lies beside the manifest', () =>
  visit(async ({ page, server, playground }) => {
    await page.goto(server.address);
    await playground.ready();
    const address = await page.evaluate(() => document.querySelector('link[rel=manifest]').href);
    const manifest = await (await fetch(address)).json();
    assert.equal(new URL(manifest.start_url, address).href, server.address);
    assert.ok(manifest.name && manifest.display === 'standalone');
    for (const icon of manifest.icons) {
      const answer = await fetch(new URL(icon.src, address));
      const bytes = Buffer.from(await answer.arrayBuffer());
      const size = `${bytes.readUInt32BE(16)}x${bytes.readUInt32BE(20)}`;
      assert.deepEqual([answer.status, size], [200, icon.sizes], icon.src);
    }
  }));
