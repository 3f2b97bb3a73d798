// Branches: acting in the past keeps the future that was left; it can be named, reopened and compared.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DESKTOP, PHONE, SMALL } from './harness/browser.mjs';
import { withPage } from './harness/page.mjs';

/** Two futures of one moment: in the first 102 is killed, in the second 103. */
async function twoFutures(playground) {
  await playground.openSandbox();
  await playground.say('kill 102');
  await playground.say('wait 20s');
  const first = await playground.stateHash();
  await playground.press('transport-start');
  await playground.say('kill 103');
  await playground.say('wait 20s');
  return { first, second: await playground.stateHash() };
}

async function openBranches(playground) {
  const narrow = await playground.at('panel-branches').isVisible();
  await playground.press(narrow ? 'panel-branches' : 'tab-branches');
}

const cells = (playground, table) => playground.at(table).locator('tbody tr').evaluateAll((rows) => {
  return rows.map((row) => [...row.cells].map((cell) => cell.textContent.trim()));
});

test('R5: acting in the past keeps the future that was left, and it opens again with the same hash', () =>
  withPage({}, async (playground) => {
    const { first, second } = await twoFutures(playground);
    assert.notEqual(first, second);
    assert.equal(await playground.branch(), 'branch 1');
    await openBranches(playground);
    await playground.press('branch-0');
    assert.equal(await playground.stateHash(), first);
    assert.equal(await playground.broker(102), 'dead');
    await playground.press('branch-1');
    assert.equal(await playground.stateHash(), second);
    assert.equal(await playground.broker(103), 'dead');
  }));

test('R5: branches stand as a tree, are named, and the axis shows where they part', () =>
  withPage({}, async (playground, { page }) => {
    await twoFutures(playground);
    await openBranches(playground);
    assert.equal(await page.locator('.branch-row[data-depth="1"]').count(), 1);
    await playground.press('rename-1');
    await playground.at('branch-name').fill('without 103');
    await playground.key('Enter');
    assert.match(await playground.fact('branch-1'), /^without 103/);
    assert.equal(await playground.branch(), 'without 103');
    assert.equal(await playground.at('track').getAttribute('data-branch'), 'main');
    assert.equal(await playground.at('fork').count(), 1);
    // Nothing is taken for a name that is none, and keys do not act while somebody types.
    await playground.press('rename-1');
    await playground.at('branch-name').fill('   ');
    await playground.key('Enter');
    assert.equal(await playground.branch(), 'without 103');
  }));

for (const viewport of [DESKTOP, SMALL, PHONE]) {
  test(`R5: two branches are compared on one clock with what differs, ${viewport.width}x${viewport.height}`, () =>
    withPage({ viewport }, async (playground, { page }) => {
      await twoFutures(playground);
      await openBranches(playground);
      await playground.press('compare-0');
      await playground.at('compare').waitFor();
      // Both sides are painted, and at the same time.
      await playground.until('the second side is painted', () => {
        const canvas = document.querySelector('[data-test="compare-other"] canvas');
        if (!canvas?.width) return false;
        const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
        const seen = new Set();
        for (let at = 0; at < data.length; at += 400) seen.add(`${data[at]},${data[at + 1]},${data[at + 2]}`);
        return seen.size > 4;
      });
      const now = await cells(playground, 'differences-now');
      const of = (what) => now.find((row) => `${row[0]} ${row[1]}` === what)?.slice(2);
      assert.deepEqual(of('broker 102 process'), ['running', 'dead']);
      assert.deepEqual(of('broker 103 process'), ['dead', 'running']);
      assert.ok(now.every((row) => !row[0].startsWith('__')), 'internal topics are folded');
      const isr = now.find((row) => row[1] === 'Isr');
      assert.ok(isr, 'a partition’s ISR differs');
      const [, partition] = isr[0].match(/^(.+-\d+)$/);
      assert.equal((await playground.isr(partition)).replace(/[^\d,]/g, ''), isr[2]);
      const told = await cells(playground, 'differences-told');
      assert.ok(told.length > 0 && told.every((row) => (row[2] === '') !== (row[3] === '')), 'each on one side');
      assert.match(await playground.fact('first-difference'), /The first difference/);
      // The other branch, opened alone, has what the second side showed.
      const sent = await playground.at('sum-b-sent').textContent();
      if (viewport === PHONE) {
        await playground.press('side-b');
        assert.ok(await playground.at('compare-other').isVisible());
        await playground.press('side-a');
      }
      const sideways = await page.evaluate(() => document.scrollingElement.scrollWidth - window.innerWidth);
      assert.ok(sideways <= 0);
      // On one clock: where time stands for one, it stands for both.
      await playground.press('transport-back');
      assert.equal(await playground.at('compare').count(), 1);
      await playground.press(viewport === PHONE ? 'compare-0' : 'alone-a');
      assert.equal(await playground.at('compare').count(), 0);
      assert.match(sent, /^\d+sent$/);
    }));
}
