// Words of Kafka: the first use in a lesson leads to what it means, and that to the lesson which explains it; the cheat
// sheet is one page of paper.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withPage } from './harness/page.mjs';

test('the first use of a term in a lesson leads to its entry in the glossary, and back', () =>
  withPage({ path: '#lesson=losing-a-broker' }, async (playground, { page }) => {
    const terms = page.locator('.lesson .term');
    const shown = await terms.allTextContents();
    assert.equal(new Set(shown).size, shown.length, 'each term once');
    assert.ok(shown.includes('leader') && shown.includes('in sync'), shown.join(', '));
    const term = page.locator('.lesson').getByRole('button', { name: 'in sync', exact: true });
    await term.focus();
    await playground.key('Enter');
    const entry = playground.at('entry-asked');
    await entry.waitFor();
    assert.match(await entry.textContent(), /^in syncA replica that has caught up/);
    assert.ok(await entry.isVisible());
    assert.equal(await page.evaluate(() => document.activeElement.textContent), 'in sync', 'the entry has the focus');
    const { top, bottom } = await entry.evaluate((node) => node.getBoundingClientRect());
    assert.ok(top >= 0 && bottom <= page.viewportSize().height, 'it is in sight');
    await playground.key('Escape');
    assert.equal(await page.evaluate(() => document.activeElement.textContent), 'in sync', 'back where one was');
    assert.equal((await playground.lesson()).id, 'losing-a-broker');
  }));

test('an entry leads to the lesson that explains it', () =>
  withPage({}, async (playground, { page }) => {
    await playground.press('lessons');
    await playground.press('glossary');
    await page.getByRole('button', { name: 'Lesson: How many servers' }).first().click();
    await playground.until('the lesson is open', () => document.querySelector('[data-lesson="how-many-servers"]'));
    assert.equal(await playground.at('dialog').count(), 0);
  }));

test('the cheat sheet fills one page of paper and lies beside the page', () =>
  withPage({}, async (playground, { page, address }) => {
    await playground.press('lessons');
    const href = await playground.at('cheat-sheet').getAttribute('href');
    await page.goto(new URL(href, address).href);
    assert.match(await page.locator('h1').textContent(), /one page/);
    const paper = await page.pdf({ preferCSSPageSize: true, printBackground: true });
    assert.equal(paper.toString('latin1').match(/\/Type\s*\/Page[^s]/g).length, 1);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    assert.equal(wide, 0, 'nothing is scrolled sideways');
  }));
