// What must not break the page: a panic, a trap, a browser that keeps nothing, a file of the program missing.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withPage } from './harness/page.mjs';

/** The card is up, the text is still there, and its link opens a working page at a good moment. */
async function theCard(playground, { page, address }, hash) {
  await page.locator('#fatal').waitFor();
  assert.ok((await page.locator('#fatal-message').textContent()).length > 10);
  assert.ok(await playground.at('lesson').isVisible(), 'the text stays');
  const link = await page.locator('#fatal-link').getAttribute('href');
  await page.goto('about:blank');
  await page.goto(address + new URL(link).hash);
  await playground.ready();
  assert.equal(await page.locator('#fatal').isVisible(), false);
  assert.equal(await playground.stateHash(), hash);
  await playground.press('transport-start');
}

test('a panic while the page is drawn shows the card with the replay link, and the text stays', () =>
  withPage({ noisy: true }, async (playground, opened) => {
    await playground.openLesson('losing-a-broker');
    const hash = await playground.stateHash();
    // Yew must be able to make elements; that it cannot is a panic of its own, in the middle of a drawing.
    await opened.page.evaluate(() => { document.createElement = () => { throw new Error('planted'); }; });
    await playground.press('tab-events');
    await theCard(playground, opened, hash);
  }));

test('a trap of the program, without a panic, shows the same card', () =>
  withPage({ noisy: true }, async (playground, opened) => {
    await playground.openLesson('losing-a-broker');
    const hash = await playground.stateHash();
    await opened.page.evaluate(async () => {
      const { default: init } = await import(document.querySelector('link[rel="modulepreload"]').href);
      const program = await init();
      // Memory that the allocator never gave out is given back: what follows is out of bounds.
      requestAnimationFrame(() => {
        const [invoke] = Object.keys(program).filter((name) => name.includes('invoke'));
        program[invoke](0xfffffff0, 0xfffffff0, 1);
      });
    });
    await theCard(playground, opened, hash);
  }));

test('a browser that forbids storage, or has no room, is said once and is no reason to stop', async () => {
  for (const [plant, says] of [
    [() => { Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('no', 'SecurityError'); } }); }, /forbids/],
    [() => { Storage.prototype.setItem = () => { throw new DOMException('full', 'QuotaExceededError'); }; }, /full/],
  ]) {
    await withPage({}, async (playground, { page, address }) => {
      await page.addInitScript(plant);
      await page.goto('about:blank');
      await page.goto(address);
      await playground.ready();
      await playground.press('theme');
      assert.match(await playground.fact('toast'), says);
      await playground.answer(2);
      await playground.openLesson('losing-a-broker');
      assert.equal((await playground.lesson()).id, 'losing-a-broker');
    });
  }
});

test('a kept value that is damaged gives a clean start', () =>
  withPage({}, async (playground, { page, address }) => {
    for (const value of ['{', 'null', '[]', '\u0000', '{"lessons":7}', 'x'.repeat(100_000)]) {
      await page.evaluate((text) => {
        for (const key of ['progress', 'lesson', 'speed', 'theme']) localStorage.setItem(`kafka-playground.${key}`, text);
      }, value);
      await page.goto('about:blank');
      await page.goto(address);
      await playground.ready();
      assert.equal((await playground.lesson()).id, 'where-a-record-goes');
    }
  }));

test('R18: where the program cannot be loaded the text stands and says so', () =>
  withPage({ noisy: true }, async (playground, { page, address }) => {
    await page.route('**/*.wasm', (route) => route.abort());
    await page.goto('about:blank');
    await page.goto(address);
    await page.locator('.waiting-note[role="status"]', { hasText: 'could not be loaded' }).waitFor();
    assert.match(await page.locator('main h1').textContent(), /Where will truck C/);
  }));
