// Whole lessons on a phone of 390x844 by touch alone, from an empty profile to "done": taps, long presses and
// what the phone's own keyboard writes. The page itself says that no other pointer ever came.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PHONE } from './harness/browser.mjs';
import { withPage } from './harness/page.mjs';
import { WHOLE_LESSONS, noteHands, playWhole } from './whole-lessons.mjs';

const FASTEST = '100x speed';

/** A finger: it presses what is in sight, and scrolls to what is not. */
const finger = (playground, page) => {
  const tap = (hook) => playground.at(hook).tap();
  const lesson = () => tap('panel-lesson');
  return {
    async open(id) {
      await tap('lessons');
      await tap(`card-${id}`);
    },
    async faster() {
      const speed = playground.at('speed-next');
      for (let taps = 0; taps < 11 && (await speed.innerText()) !== FASTEST; taps += 1) await speed.tap();
      assert.equal(await speed.innerText(), FASTEST);
    },
    async answer(option) {
      await lesson();
      const place = playground.at(`slot-${option}`);
      await ((await place.count()) ? place : playground.at(`lesson-option-${option}`)).tap();
      assert.equal(await playground.prediction(), 'picked');
      await tap('action-primary');
    },
    async act(thing, entry) {
      const box = await playground.at(`hit-${thing}`).boundingBox();
      const touch = await page.context().newCDPSession(page);
      const touchPoints = [{ x: box.x + Math.min(box.width / 2, 20), y: box.y + box.height / 2 }];
      await touch.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints });
      await playground.at('menu').waitFor();
      await touch.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] });
      await tap(`menu-${entry}`);
    },
    async type(line) {
      await tap('panel-terminal');
      await tap('command-input');
      await page.keyboard.insertText(line);
      await tap('command-run');
      await lesson();
    },
    play: () => tap('transport-play'),
    async goOn() {
      await lesson();
      await tap('action-primary');
    },
  };
};

for (const id of Object.keys(WHOLE_LESSONS)) {
  test(`the lesson "${id}" is played from an empty profile to its end by touch alone, at 390x844`, () =>
    withPage({ viewport: PHONE, hasTouch: true, isMobile: true }, async (playground, { page }) => {
      await noteHands(page);
      await page.reload();
      await playground.ready();
      await playWhole(playground, finger(playground, page), id, async (number, { answer }) => {
        if (answer) assert.equal(await playground.prediction(), 'right', `step ${number + 1}`);
        const sideways = await page.evaluate(() => document.scrollingElement.scrollWidth - window.innerWidth);
        assert.ok(sideways <= 0, `step ${number + 1} scrolls sideways by ${sideways}`);
      });
      if (!(await playground.at(`card-${id}`).isVisible())) await playground.at('lessons').tap();
      await playground.at(`card-${id}`).waitFor();
      assert.match(await playground.at(`card-${id}`).innerText(), /done/);
      const hands = await page.evaluate(() => [...new Set(globalThis.hands)]);
      assert.deepEqual(hands, ['touch'], 'only a finger was there');
    }));
}

test('on a phone the tab of the lesson says that its step is decided while another tab is open', () =>
  withPage({ viewport: PHONE, path: '#lesson=losing-a-broker' }, async (playground) => {
    await playground.answer(2);
    await playground.say('kill 102');
    assert.equal(await playground.at('lesson-waits').count(), 0);
    await playground.say('wait 8s');
    await playground.at('lesson-waits').waitFor();
    await playground.press('panel-lesson');
    assert.equal(await playground.at('lesson-waits').count(), 0);
    assert.equal(await playground.next(), 'Next');
  }));
