// The sandbox: what is the matter with the cluster and what would mend it, who knows of it, what the squares show.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DESKTOP, PHONE, SMALL } from './harness/browser.mjs';
import { withPage } from './harness/page.mjs';

const isNarrow = (viewport) => viewport.width <= PHONE.width;

/** The rows of "Who knows", as `who: what`. */
async function knowing(playground) {
  const rows = playground.page.locator('.build .facts > div');
  return rows.evaluateAll((all) => all.map((row) => `${row.querySelector('dt').textContent}: ${row.querySelector('dd').textContent}`));
}

for (const viewport of [DESKTOP, SMALL, PHONE]) {
  test(`the sandbox tells of a death from the kill to the way back, ${viewport.width}x${viewport.height}`, () =>
    withPage({ viewport }, async (playground) => {
      const back = () => (isNarrow(viewport) ? playground.press('panel-lesson') : undefined);
      await playground.openSandbox();
      assert.equal(await playground.fact('question'), 'Every partition is in full strength');
      assert.equal(await playground.at('remedy').count(), 0, 'there is nothing to be mended');
      await playground.say('kill 102');
      await back();
      assert.match(await playground.fact('question'), /^102 is dead, and still leads /);
      assert.match(await playground.fact('matter'), /ZooKeeper does not know it yet: the session of 102 lasts \d+\.\d s more/);
      assert.deepEqual((await knowing(playground)).slice(0, 1), ['ZooKeeper: not yet']);
      await playground.say('wait 25s');
      await back();
      assert.match(await playground.fact('question'), /^102 is dead: \d+ partitions lack a copy$/);
      assert.match(await playground.fact('matter'), /102 was killed at .* Until then ZooKeeper took it for alive\. \d+ was elected to lead trucks_gps-\d at /);
      const known = await knowing(playground);
      assert.match(known[0], /^ZooKeeper: since \d+\.\d{3} s$/);
      assert.match(known[1], /, controller: since \d+\.\d{3} s$/);
      await playground.press('remedy');
      await playground.say('wait 10s');
      await back();
      assert.equal(await playground.broker(102), 'running');
      assert.equal(await playground.fact('question'), 'Every partition is in full strength');
    }));
}

test('the squares show offsets or keys, and a link carries the choice', () =>
  withPage({}, async (playground, { page, address }) => {
    await playground.openSandbox();
    const picture = () => page.locator('[data-test="picture"] canvas').first().evaluate((canvas) => canvas.toDataURL());
    const offsets = await picture();
    await playground.press('squares-keys');
    await playground.until('the squares are painted anew', (was) => document.querySelector('[data-test="picture"] canvas').toDataURL() !== was, offsets);
    assert.equal(await playground.at('squares-keys').getAttribute('aria-checked'), 'true');
    await playground.press('share');
    const link = await page.evaluate(() => location.hash);
    await page.goto(`${address}${link}`);
    await page.reload();
    await playground.ready();
    assert.equal(await playground.at('squares-keys').getAttribute('aria-checked'), 'true');
  }));

test('on a phone an open question is open still when the inspector comes back, by the finger and by the keyboard', () =>
  withPage({ viewport: PHONE }, async (playground) => {
    await playground.openSandbox();
    await playground.say('kill 102');
    await playground.say('wait 25s');
    await playground.press('hit-broker-102');
    await playground.key('Escape');
    await playground.press('panel-inspector');
    const first = playground.page.locator('.whybox').first();
    const isOpen = () => first.getAttribute('open');
    await first.locator('summary').click();
    assert.notEqual(await isOpen(), null);
    await playground.press('panel-lesson');
    await playground.press('panel-inspector');
    assert.notEqual(await isOpen(), null, 'it is open still');
    await first.locator('summary').press('Enter');
    await playground.until('it is closed', () => document.querySelector('.whybox')?.open === false);
  }));

test('a question that is opened comes into sight with what led to the answer', () =>
  withPage({ viewport: SMALL }, async (playground, { page }) => {
    await playground.openSandbox();
    await playground.say('kill 102');
    await playground.say('wait 25s');
    const moved = await page.locator('[data-test^="leader-trucks_gps-"]').evaluateAll((all) => all.map((one) => one.dataset.test.slice('leader-'.length)));
    await playground.press(`hit-partition-${moved[0]}`);
    const last = playground.page.locator('.whybox').last();
    await last.locator('summary').click();
    await playground.until('its head is in sight', () => {
      const box = [...document.querySelectorAll('.whybox')].at(-1);
      const { top, bottom } = document.querySelector('.inspector').getBoundingClientRect();
      const own = box.getBoundingClientRect();
      return box.open && own.top >= top && (own.bottom <= bottom + 1 || own.top <= top + 80);
    });
  }));

test('Reset leads back to the beginning and throws nothing away', () =>
  withPage({}, async (playground) => {
    await playground.openSandbox();
    const beginning = await playground.stateHash();
    await playground.say('kill 102');
    await playground.say('wait 25s');
    const end = await playground.stateHash();
    await playground.press('reset');
    assert.equal(await playground.stateHash(), beginning);
    await playground.say('kill 103');
    assert.equal(await playground.branch(), 'branch 1', 'another beginning');
    await playground.press('tab-branches');
    await playground.press('branch-0');
    assert.equal(await playground.stateHash(), end, 'what was done is still there');
  }));

test('every panel says the same of a leader that has just died', () =>
  withPage({}, async (playground, { page }) => {
    await playground.openSandbox();
    const leader = await playground.leader('trucks_gps-1');
    await playground.say(`kill ${leader}`);
    assert.equal(await playground.leader('trucks_gps-1'), leader);
    assert.match(await playground.fact('picture-words'), /1 with a leader that does not run/);
    assert.doesNotMatch(await playground.fact('picture-words'), /without a leader/);
    await page.locator('[data-test="hit-partition-trucks_gps-1"]').click();
    assert.match(await playground.fact('inspector'), new RegExp(`Leader${leader}`));
  }));

test('who closes the inspector by keyboard is at the legend, not nowhere', () =>
  withPage({}, async (playground, { page }) => {
    await playground.openSandbox();
    await page.locator('[data-test="hit-partition-trucks_gps-1"]').click();
    await playground.at('inspector-close').focus();
    await playground.key('Enter');
    await playground.until('the legend has the focus', () => document.activeElement.dataset.test === 'inspector');
  }));
