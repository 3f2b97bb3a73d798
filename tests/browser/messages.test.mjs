// The message diagram: folded small talk, at most 200 lines, one cursor, one selection for all views.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { DESKTOP, PHONE, SMALL } from './harness/browser.mjs';
import { withPage } from './harness/page.mjs';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

const numberOf = async (playground, name) => Number(await playground.at('messages').getAttribute(`data-${name}`));

/** A group of two that reads what a truck has sent, then rests for a minute. */
async function idleGroup(playground) {
  for (const line of [
    'consumer dash-3 --group dashboard --topic trucks_gps',
    'consumer dash-2 --group dashboard --topic trucks_gps',
    'wait 8s',
    'wait 60s',
  ]) await playground.say(line);
}

async function openMessages(playground) {
  const narrow = await playground.at('panel-messages').isVisible();
  await playground.press(narrow ? 'panel-messages' : 'tab-messages');
  await playground.at('messages').waitFor();
}

/** Chooses the stretch of time by its buttons. */
async function stretch(playground, wanted) {
  const shown = async () => (await playground.at('messages-span').textContent()).trim();
  for (let presses = 0; presses < 12 && (await shown()) !== wanted; presses += 1) await playground.press('messages-longer');
  for (let presses = 0; presses < 12 && (await shown()) !== wanted; presses += 1) await playground.press('messages-shorter');
  assert.equal(await shown(), wanted);
  // A long stretch is made in parts, a part in a frame: it is whole when nothing has come for ten frames.
  await playground.page.evaluate(() => new Promise((done) => {
    const count = () => document.querySelector('[data-test="messages-count"]')?.textContent;
    let [last, same] = [count(), 0];
    requestAnimationFrame(function look() {
      same = count() === last ? same + 1 : 0;
      last = count();
      if (same < 10) requestAnimationFrame(look);
      else done();
    });
  }));
}

test('R21: a minute of an idle group is folded into counted bars, never more than 200 lines, unfolded or not', () =>
  withPage({ path: '#lesson=sandbox' }, async (playground, { page }) => {
    await idleGroup(playground);
    await openMessages(playground);
    await stretch(playground, '1 min');
    const folded = { arrows: await numberOf(playground, 'arrows'), folded: await numberOf(playground, 'folded') };
    assert.ok(folded.arrows <= 200, `${folded.arrows} lines`);
    assert.ok(folded.folded > 300, `${folded.folded} folded`);
    assert.ok(folded.folded > 3 * folded.arrows, 'small talk is most of it');
    assert.match(await playground.fact('messages-count'), new RegExp(`${folded.folded} folded`));
    assert.equal(await page.locator('[data-test="message-box"] [role="option"]').count(), folded.arrows);
    await playground.press('messages-unfold');
    await playground.until('it is unfolded', () => document.querySelector('[data-test="messages"]').dataset.folded === '0');
    assert.equal(await numberOf(playground, 'arrows'), 200);
    assert.ok((await numberOf(playground, 'left-out')) > 100);
    assert.match(await playground.fact('messages-count'), /older left out/);
    await playground.press('messages-unfold');
    await playground.until('it is folded', (many) => document.querySelector('[data-test="messages"]').dataset.folded === String(many), folded.folded);
    assert.equal(await numberOf(playground, 'arrows'), folded.arrows);
  }));

test('R21: the diagram has the cursor of the transport: a press on its axis seeks, a step moves both', () =>
  withPage({ path: '#lesson=sandbox' }, async (playground, { page }) => {
    await idleGroup(playground);
    await openMessages(playground);
    const late = await playground.clock();
    const hash = await playground.stateHash();
    const axis = await playground.at('messages-axis').boundingBox();
    await page.mouse.click(axis.x + axis.width * 0.35, axis.y + axis.height / 2);
    await playground.until('time went back', (before) => Number(document.querySelector('[data-test="clock"]').dataset.us) < before, late);
    const early = await playground.clock();
    assert.ok(early < late && early > late - 6_000_000, `${early} of ${late}`);
    // The last message in the list was sent before the cursor or lies in the recorded future, none is lost.
    await playground.key('End');
    await playground.until('back at the end', (wanted) => document.querySelector('[data-test="app"]').dataset.stateHash === wanted, hash);
  }));

test('R21: a chosen message is selected everywhere, by mouse and by keyboard', () =>
  withPage({ path: '#lesson=sandbox' }, async (playground, { page }) => {
    await idleGroup(playground);
    await playground.say('send truck-A --key A here');
    await playground.say('wait 300us');
    // The record is on its way to its leader.
    await openMessages(playground);
    await stretch(playground, '0.1 s');
    const produce = page.locator('[data-test="message-box"] [role="option"]', { hasText: /Produce.*on its way/ });
    assert.equal(await produce.count(), 1);
    const key = await produce.getAttribute('data-target');
    // By keyboard: the box of messages, then arrows.
    await page.locator('[data-test="message-box"]').focus();
    await playground.key('End');
    for (let presses = 0; presses < 200; presses += 1) {
      if (await page.locator(`[data-selected="${key}"]`).count()) break;
      await playground.key('ArrowLeft');
    }
    const places = await page.locator(`[data-selected="${key}"]`).evaluateAll((all) => all.map((one) => one.tagName));
    assert.ok(places.length >= 2, `selected in ${places.join(', ')}`);
    // In the picture it has a button, unless it flies over something else that has one.
    const flying = playground.at(`hit-${key}`);
    if (await flying.count()) assert.equal(await flying.getAttribute('data-selected'), key);
    assert.equal(await playground.at('inspector').getAttribute('data-subject'), key);
    assert.match(await playground.fact('inspector'), /Produce request/);
    // By mouse: nothing selected, then a press on the line.
    await playground.press('inspector-close');
    assert.equal(await page.locator(`[data-selected="${key}"]`).count(), 0);
    await playground.press('messages-list');
    await playground.press(`line-${key}`);
    await playground.press('messages-list');
    await playground.until('selected', (wanted) => document.querySelectorAll(`[data-selected="${wanted}"]`).length >= 2, key);
    // It stays selected when it has arrived.
    await playground.key('Escape');
  }));

test('R7: a broker chosen in the diagram is chosen in the picture, and the other way round', () =>
  withPage({ path: '#lesson=sandbox' }, async (playground, { page }) => {
    await openMessages(playground);
    await playground.press('lane-broker-102');
    assert.equal(await page.locator('[data-selected="broker-102"]').count() >= 2, true);
    assert.equal(await playground.at('inspector').getAttribute('data-subject'), 'broker-102');
    await playground.press('hit-broker-103');
    await playground.until('the lane follows', () => {
      return document.querySelector('[data-test="lane-broker-103"]')?.dataset.selected === 'broker-103';
    });
  }));

test('a hidden lane takes its messages into the count and comes back', () =>
  withPage({ path: '#lesson=sandbox' }, async (playground) => {
    await idleGroup(playground);
    await openMessages(playground);
    await stretch(playground, '1 min');
    const before = await numberOf(playground, 'arrows');
    await playground.at('lane-hide-client-dash-1').press('Enter');
    await playground.at('lane-show-client-dash-1').waitFor();
    assert.ok((await numberOf(playground, 'arrows')) < before);
    assert.match(await playground.fact('messages-count'), /by hidden lanes/);
    await playground.press('lane-show-client-dash-1');
    await playground.at('lane-client-dash-1').waitFor();
    assert.equal(await numberOf(playground, 'arrows'), before);
  }));

test('what a cut holds and a kill loses is told, and a step back takes it back', () =>
  withPage({ path: '#lesson=sandbox' }, async (playground, { page }) => {
    await playground.say('cut 101 102');
    await playground.say('cut 102 103');
    await playground.say('wait 2s');
    await openMessages(playground);
    const held = page.locator('[data-test="message-box"] [role="option"]', { hasText: 'held by a fault' });
    assert.ok((await held.count()) > 0);
    await playground.key('Home');
    await playground.until('nothing is held at the start', () => {
      const all = [...document.querySelectorAll('[data-test="message-box"] [role="option"]')];
      return all.every((one) => !one.textContent.includes('held by a fault'));
    });
  }));

for (const viewport of [DESKTOP, SMALL, PHONE]) {
  for (const scheme of ['light', 'dark']) {
    test(`${viewport.width}x${viewport.height} ${scheme}: the diagram scrolls nothing sideways, axe finds nothing`, () =>
      withPage({ viewport, scheme, path: '#lesson=sandbox' }, async (playground, { page }) => {
        await playground.say('wait 3s');
        await openMessages(playground);
        const sideways = await page.evaluate(() => document.scrollingElement.scrollWidth - window.innerWidth);
        assert.ok(sideways <= 0, `${sideways} px`);
        assert.ok(await playground.at('transport-play').isVisible());
        await page.evaluate(AXE);
        for (const look of ['diagram', 'list']) {
          const found = await page.evaluate(() => globalThis.axe.run(document, {
            runOnly: { type: 'tag', values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] },
          }));
          const words = found.violations.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes[0].html}`);
          assert.deepEqual(words, [], look);
          await playground.press('messages-list');
        }
      }));
  }
}
