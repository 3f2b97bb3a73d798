// Each lesson is played to its end with real clicks: every prediction is picked, locked in and graded by
// the engine, every goal reached by acting on the cluster.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PHONE, SMALL } from './harness/browser.mjs';
import { withPage } from './harness/page.mjs';

/** What is answered in each step, and what is done where the learner has to act. */
const LESSONS = {
  'where-a-record-goes': [
    { answer: 2 },
    { answer: 1 },
    { answer: 1 },
    { answer: 2 },
    { act: (playground) => playground.say('send truck-E --key truck-F F-0') },
  ],
  'losing-a-broker': [
    { answer: 2, act: (playground) => playground.choose('broker-102', 'kill') },
    { answer: 1 },
    { answer: 2 },
    {
      act: (playground) =>
        playground.say('kafka-leader-election.sh --election-type preferred --topic trucks_gps --partition 1'),
    },
  ],
  'sharing-the-work': [
    { answer: 2 },
    { answer: 3 },
    { answer: 3 },
    { answer: 2 },
    { act: (playground) => playground.choose('consumer-dash-4', 'stop') },
  ],
};

for (const [id, steps] of Object.entries(LESSONS)) {
  test(`the lesson "${id}" is played to its end`, () =>
    withPage({}, async (playground) => {
      await playground.openLesson(id);
      await playground.hurry();
      for (const [number, step] of steps.entries()) {
        assert.deepEqual(await playground.lesson(), { id, step: number });
        if (step.answer) {
          assert.equal(await playground.prediction(), 'open');
          await playground.answer(step.answer);
        }
        await step.act?.(playground);
        await playground.playUntilDecided();
        if (step.answer) assert.equal(await playground.prediction(), 'right', `step ${number + 1}`);
        const unmet = await playground.page.locator('[data-test^="goal-"][data-met="false"]').count();
        assert.equal(unmet, 0, `a goal of step ${number + 1} is not met`);
        const last = number + 1 === steps.length;
        assert.equal(await playground.next(), last ? 'Finish' : 'Next');
        if (!last) await playground.press('action-primary');
      }
    }));
}

test('a wrong prediction is told so by what happened, with where that belief leads', () =>
  withPage({}, async (playground) => {
    await playground.hurry();
    await playground.answer(3);
    await playground.playUntilDecided();
    assert.equal(await playground.prediction(), 'wrong');
    const because = await playground.fact('because');
    assert.match(because, /If the shortest partition won/);
    assert.match(because, /carries the key/);
  }));

for (const [viewport, slow] of [[PHONE, 1], [SMALL, 1], [PHONE, 6]]) {
  const where = `at ${viewport.width}x${viewport.height}${slow > 1 ? ', on a slow phone' : ''}`;
  test(`the reason is in sight with its verdict, ${where}`, () =>
    withPage({ viewport, slow }, async (playground) => {
      await playground.hurry();
      await playground.answer(3);
      await playground.playUntilDecided();
      await playground.until('all of it is in sight, above the yellow button', () => {
        const [reason, button] = ['because', 'action-primary'].map((hook) => document.querySelector(`[data-test="${hook}"]`).getBoundingClientRect());
        return reason.top >= 0 && reason.bottom <= button.top + 1 && button.bottom <= innerHeight;
      });
    }));
}

test('nothing runs before an answer is locked in', () =>
  withPage({}, async (playground) => {
    const before = await playground.stateHash();
    assert.equal(await playground.at('transport-play').getAttribute('aria-disabled'), 'true');
    await playground.page.keyboard.press('Space');
    // The yellow button says itself that it is off; somebody may press it all the same.
    await playground.at('action-primary').click({ force: true });
    await playground.say('kill 102');
    assert.equal(await playground.stateHash(), before);
    assert.equal(await playground.broker(102), 'running');
    assert.equal(await playground.at('error').count(), 1);
  }));

test('the letter of an option stands on the card itself, in ink that can be read', () =>
  withPage({ path: '#lesson=losing-a-broker' }, async (playground, { page }) => {
    assert.equal(await playground.prediction(), 'open');
    const letters = page.locator('[data-test^="lesson-option-"] .letter');
    assert.equal(await letters.count(), 3);
    const grounds = await letters.evaluateAll((all) => all.map((letter) => getComputedStyle(letter).backgroundColor));
    assert.deepEqual(new Set(grounds), new Set(['rgba(0, 0, 0, 0)']));
  }));
