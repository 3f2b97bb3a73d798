// The page as a person uses it: what can be pressed, what can be read. It knows hooks (`data-test`) and
// nothing of how the page is built. Nothing here waits for a time; everything waits for a state.

import assert from 'node:assert/strict';
import { SLOW } from './browser.mjs';

const SIMULATED_AT_MOST_MS = 120_000 * SLOW;

export class Playground {
  constructor(page) {
    this.page = page;
  }

  /** The element with this hook. */
  at(hook) {
    return this.page.locator(`[data-test="${hook}"]`);
  }

  /** The page stands: the program has taken over from the text that was there before it. */
  async ready(stands = 'broker-state-101') {
    await this.at('app').waitFor();
    await this.at(stands).waitFor({ state: 'attached' });
    return this;
  }

  async press(hook) {
    await this.at(hook).click();
  }

  /**
   * What was pressed is done and drawn. On a slow machine Yew hands over to the browser between two parts of
   * the page, and what was pressed meanwhile waits; only what is due later than that runs after it.
   */
  settled() {
    return this.page.evaluate(() => new Promise((done) => {
      requestAnimationFrame(() => scheduler.postTask(done, { priority: 'background' }));
    }));
  }

  // --- reading

  /** A cell of the table that tells screen readers what the picture shows. */
  async fact(hook) {
    return (await this.at(hook).textContent()).trim();
  }

  leader(partition) {
    return this.fact(`leader-${partition}`);
  }

  isr(partition) {
    return this.fact(`isr-${partition}`);
  }

  broker(id) {
    return this.fact(`broker-state-${id}`);
  }

  /** Leaders of all partitions shown, each once. */
  async leaders() {
    const cells = await this.page.locator('[data-test^="leader-"]').allTextContents();
    return [...new Set(cells.map((cell) => cell.trim()))].sort();
  }

  /** Of the state that stands when everything that was asked for is done. */
  async stateHash() {
    await this.settled();
    return this.at('app').getAttribute('data-state-hash');
  }

  branch() {
    return this.at('app').getAttribute('data-branch');
  }

  async clock() {
    return Number(await this.at('clock').getAttribute('data-us'));
  }

  async isPlaying() {
    return (await this.at('app').getAttribute('data-playing')) === 'true';
  }

  /** `open`, `picked`, `locked`, `right`, `wrong`, `seen`. */
  prediction() {
    return this.at('ask').getAttribute('data-state');
  }

  async lesson() {
    const panel = this.at('lesson');
    return { id: await panel.getAttribute('data-lesson'), step: Number(await panel.getAttribute('data-step')) };
  }

  /** What the yellow button does: `Pick`, `Lock`, `Play`, `YourTurn`, `Next`, `Finish`, `BackToStep`. */
  next() {
    return this.at('action-primary').getAttribute('data-kind');
  }

  /** Waits until `test` (a function of the page's own document) holds. */
  async until(what, test, argument) {
    try {
      await this.page.waitForFunction(test, argument, { timeout: SIMULATED_AT_MOST_MS });
    } catch (error) {
      const table = await this.at('cluster-table').innerText().catch(() => '');
      throw new Error(`did not come true: ${what}\n${table}\n${error.message}`);
    }
  }

  async untilFact(hook, wanted) {
    const test = ([name, text]) => document.querySelector(`[data-test="${name}"]`)?.textContent.trim() === text;
    await this.until(`${hook} = ${wanted}`, test, [hook, String(wanted)]);
  }

  async untilPaused() {
    const test = () => document.querySelector('[data-test="app"]')?.dataset.playing === 'false';
    await this.until('time stands still', test);
  }

  // --- lessons

  async openLesson(id) {
    await this.press('lessons');
    await this.press(`card-${id}`);
    await this.until(`lesson ${id} is open`, (wanted) => {
      return document.querySelector('[data-test="lesson"]')?.dataset.lesson === wanted;
    }, id);
    await this.ready();
  }

  async openSandbox() {
    await this.press('lessons');
    await this.press('card-sandbox');
    await this.at('add-topic').waitFor();
    await this.ready();
  }

  /** Picks an answer, in the picture if the question is one of places, and locks it in. */
  async answer(option) {
    const place = this.at(`slot-${option}`);
    if (await place.count()) await place.click();
    else await this.press(`lesson-option-${option}`);
    assert.equal(await this.next(), 'Lock');
    await this.press('action-primary');
    assert.notEqual(await this.prediction(), 'picked');
  }

  // --- time

  /** As fast as the page goes: tests have no eyes. */
  async hurry() {
    // The narrow layout has no room for the slider; the keys are there all the same.
    if (await this.at('speed').isVisible()) await this.at('speed').fill('10');
    else for (let step = 0; step < 10; step += 1) await this.key('+');
  }

  async play() {
    if (!(await this.isPlaying())) await this.press('transport-play');
  }

  async pause() {
    if (await this.isPlaying()) await this.press('transport-play');
  }

  /** Lets time pass until the step of the lesson is decided. */
  async playUntilDecided() {
    await this.play();
    await this.until('the step is decided', () => {
      const kind = document.querySelector('[data-test="action-primary"]')?.dataset.kind;
      return kind === 'Next' || kind === 'Finish';
    });
    await this.pause();
  }

  /** Lets time pass until the fact is so. */
  async playUntil(hook, wanted) {
    await this.play();
    // A lesson stops the clock where its step is decided; a person presses Play again.
    await this.until(`${hook} = ${wanted}`, ([name, text]) => {
      const app = document.querySelector('[data-test="app"]');
      const play = document.querySelector('[data-test="transport-play"]');
      if (document.querySelector(`[data-test="${name}"]`)?.textContent.trim() === text) return true;
      if (app.dataset.playing === 'false' && play.getAttribute('aria-disabled') !== 'true') play.click();
      return false;
    }, [hook, String(wanted)]);
    await this.pause();
  }

  // --- acting

  /** Opens a thing's menu in the picture and chooses from it. */
  async choose(thing, entry) {
    await this.press(`hit-${thing}`);
    await this.press(`menu-${entry}`);
  }

  /** Gives a line to the command line. */
  async say(line) {
    if (!(await this.at('command-input').isVisible())) {
      // The narrow layout has tabs where the wide one has a dock.
      const narrow = await this.at('panel-terminal').isVisible();
      await this.press(narrow ? 'panel-terminal' : 'tab-terminal');
    }
    await this.at('command-input').fill(line);
    await this.press('command-run');
  }

  // --- keyboard

  async key(...keys) {
    for (const key of keys) await this.page.keyboard.press(key);
  }

  /** Presses Tab until this has the focus, as somebody without a mouse does. */
  async tabTo(hook) {
    const wanted = this.at(hook);
    await wanted.waitFor();
    for (let presses = 0; presses < 250; presses += 1) {
      if (await wanted.evaluate((element) => element === document.activeElement)) return;
      await this.key('Tab');
    }
    throw new Error(`Tab never reaches ${hook}`);
  }
}
