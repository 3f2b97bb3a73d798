// The source's own example from an empty profile: 2 partitions, replication factor 2, brokers 101, 102
// and 103; 102 is lost, 101 and 103 go on serving. Once by mouse, once by keyboard alone.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withPage } from './harness/page.mjs';

const LESSON = 'losing-a-broker';
const [FIRST, SECOND] = ['trucks_gps-0', 'trucks_gps-1'];

/** How each thing is done; what is seen is the same. */
const BY_MOUSE = {
  async openLesson(playground) {
    await playground.openLesson(LESSON);
    await playground.hurry();
  },
  answer: (playground) => playground.answer(2),
  kill: (playground) => playground.choose('broker-102', 'kill'),
  start: (playground) => playground.choose('broker-102', 'start'),
  play: (playground) => playground.press('transport-play'),
  stepBack: (playground) => playground.press('transport-back'),
  toTheEnd: (playground) => playground.press('transport-end'),
};

const BY_KEYBOARD = {
  async openLesson(playground) {
    await playground.key('l');
    await playground.tabTo(`card-${LESSON}`);
    await playground.key('Enter');
    await playground.until('the lesson is open', (id) => {
      return document.querySelector('[data-test="lesson"]')?.dataset.lesson === id;
    }, LESSON);
    for (let step = 0; step < 10; step += 1) await playground.key('+');
  },
  async answer(playground) {
    await playground.key('b');
    await playground.until('the answer is picked', () => {
      return document.querySelector('[data-test="action-primary"]')?.dataset.kind === 'Lock';
    });
    await playground.tabTo('action-primary');
    await playground.key('Enter');
  },
  kill: (playground) => chooseByKeys(playground, 'broker-102', 'kill'),
  start: (playground) => chooseByKeys(playground, 'broker-102', 'start'),
  async play(playground) {
    await playground.tabTo('transport-play');
    await playground.key('Enter');
  },
  stepBack: (playground) => playground.key('ArrowLeft'),
  toTheEnd: (playground) => playground.key('End'),
};

async function chooseByKeys(playground, thing, entry) {
  await playground.tabTo(`hit-${thing}`);
  await playground.key('Enter');
  const wanted = playground.at(`menu-${entry}`);
  await wanted.waitFor();
  for (let presses = 0; presses < 30; presses += 1) {
    if (await wanted.evaluate((element) => element === document.activeElement)) return playground.key('Enter');
    await playground.key('ArrowDown');
  }
  throw new Error(`the arrows never reach ${entry}`);
}

async function play(playground, how, hook, wanted) {
  for (let times = 0; times < 5; times += 1) {
    await how.play(playground);
    // A lesson stops the clock where its step is decided; then the learner goes on.
    await playground.until(`${hook} = ${wanted}, or time stands still`, ([name, text]) => {
      const fact = document.querySelector(`[data-test="${name}"]`)?.textContent.trim();
      return fact === text || document.querySelector('[data-test="app"]')?.dataset.playing === 'false';
    }, [hook, wanted]);
    if ((await playground.fact(hook)) === wanted) break;
  }
  if (await playground.isPlaying()) await how.play(playground);
  await playground.untilPaused();
  assert.equal(await playground.fact(hook), wanted);
}

async function story(playground, how) {
  await how.openLesson(playground);
  assert.deepEqual(await playground.leaders(), ['101', '102']);
  assert.equal(await playground.isr(FIRST), '101,102');
  assert.equal(await playground.isr(SECOND), '102,103');
  await how.answer(playground);
  assert.equal(await playground.prediction(), 'locked');
  const before = await playground.stateHash();

  await how.kill(playground);
  await playground.untilFact('broker-state-102', 'dead');
  assert.notEqual(await playground.stateHash(), before);
  await play(playground, how, `leader-${SECOND}`, '103');
  assert.deepEqual(await playground.leaders(), ['101', '103']);
  assert.equal(await playground.isr(SECOND), '103');
  const after = await playground.stateHash();
  const ended = await playground.clock();

  // Back to before the kill: the very state that was there.
  for (let steps = 0; (await playground.broker(102)) !== 'running'; steps += 1) {
    assert.ok(steps < 500, 'stepping back never comes to a living 102');
    const here = await playground.stateHash();
    await how.stepBack(playground);
    await playground.until('the step is taken', (hash) => {
      return document.querySelector('[data-test="app"]')?.dataset.stateHash !== hash;
    }, here);
  }
  assert.equal(await playground.stateHash(), before, 'the same state as before the kill');
  assert.deepEqual(await playground.leaders(), ['101', '102']);

  // And forth again: the same future.
  await how.toTheEnd(playground);
  await playground.until('the end is reached', (us) => {
    return Number(document.querySelector('[data-test="clock"]')?.dataset.us) >= us;
  }, ended);
  assert.equal(await playground.stateHash(), after, 'the same future as before');
  assert.equal(await playground.broker(102), 'dead');

  await how.start(playground);
  await play(playground, how, `isr-${SECOND}`, '103,102');
  assert.equal(await playground.isr(FIRST), '101,102');
  assert.deepEqual(await playground.leaders(), ['101', '103'], 'coming back changes the ISR, not the leader');
}

test('the source’s example, by mouse', () => withPage({}, (playground) => story(playground, BY_MOUSE)));

test('the source’s example, by keyboard alone', () => withPage({}, (playground) => story(playground, BY_KEYBOARD)));

test('acting in the past makes a branch, and the old future stays listed', () =>
  withPage({}, async (playground) => {
    await BY_MOUSE.openLesson(playground);
    await playground.answer(2);
    await BY_MOUSE.kill(playground);
    await play(playground, BY_MOUSE, `leader-${SECOND}`, '103');
    const [first, after] = [await playground.branch(), await playground.stateHash()];
    while ((await playground.broker(102)) !== 'running') await playground.press('transport-back');
    await playground.choose('broker-102', 'stop');
    const second = await playground.branch();
    assert.notEqual(second, first);
    await playground.press('tab-branches');
    assert.ok((await playground.page.locator('[data-test^="branch-"]').count()) >= 2);
    await playground.page.locator('[data-test^="branch-"]', { hasText: first }).first().click();
    assert.equal(await playground.branch(), first);
    assert.equal(await playground.stateHash(), after, 'the old future is as it was');
  }));
