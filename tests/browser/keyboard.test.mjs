// Whole lessons with the keyboard alone, from an empty profile to "done": nothing here moves or presses a mouse,
// and the page itself says that no pointer ever came.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withPage } from './harness/page.mjs';
import { WHOLE_LESSONS, noteHands, playWhole } from './whole-lessons.mjs';

/** Hands on the keys. */
const keyboard = (playground) => {
  const reach = async (hook, key) => {
    await playground.tabTo(hook);
    await playground.key(key);
  };
  return {
    async open(id) {
      await playground.key('l');
      await reach(`card-${id}`, 'Enter');
    },
    async faster() {
      for (let step = 0; step < 10; step += 1) await playground.key('+');
    },
    async answer(option) {
      await playground.key(String(option));
      assert.equal(await playground.prediction(), 'picked');
      await reach('action-primary', 'Enter');
    },
    async act(thing, entry) {
      await reach(`hit-${thing}`, 'Enter');
      await playground.until('the menu has the focus', () => document.activeElement?.getAttribute('role') === 'menuitem');
      for (let presses = 0; presses < 80; presses += 1) {
        if (await playground.at(`menu-${entry}`).evaluate((item) => item === document.activeElement)) break;
        await playground.key('ArrowDown');
      }
      await playground.key('Enter');
    },
    async type(line) {
      await playground.key('/');
      await playground.until('the command line has the focus', () => document.activeElement?.dataset.test === 'command-input');
      await playground.page.keyboard.type(line);
      await playground.key('Enter');
    },
    play: () => reach('transport-play', 'Space'),
    goOn: () => reach('action-primary', 'Enter'),
  };
};

for (const id of Object.keys(WHOLE_LESSONS)) {
  test(`R12: the lesson "${id}" is played from an empty profile to its end with the keyboard alone`, () =>
    withPage({}, async (playground, { page }) => {
      await noteHands(page);
      await page.reload();
      await playground.ready();
      await playWhole(playground, keyboard(playground), id, async (number, { answer }) => {
        if (answer) assert.equal(await playground.prediction(), 'right', `step ${number + 1}`);
      });
      if (!(await playground.at(`card-${id}`).isVisible())) await playground.key('l');
      await playground.at(`card-${id}`).waitFor();
      assert.match(await playground.at(`card-${id}`).innerText(), /done/);
      assert.deepEqual(await page.evaluate(() => globalThis.hands), [], 'no pointer was there');
    }));
}
