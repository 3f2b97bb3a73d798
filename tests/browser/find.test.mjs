// Finding: one key, a few words, and the thing itself: a lesson, a word, a config with its value here, an error code
// where it was answered, something in the picture.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PHONE } from './harness/browser.mjs';
import { withPage } from './harness/page.mjs';

const headings = (page) => page.locator('.find h3').allTextContents();
const focused = (page) => page.evaluate(() => document.activeElement.textContent || document.activeElement.id);

test('F, a few words and Enter open a lesson', () =>
  withPage({}, async (playground, { page }) => {
    await playground.key('f');
    await playground.at('find-words').waitFor();
    await page.keyboard.type('losing a bro');
    assert.equal(await playground.at('found').textContent(), '1 found');
    await playground.key('Enter');
    await playground.until('the lesson is open', () => document.querySelector('[data-lesson="losing-a-broker"]'));
    assert.equal(await playground.at('dialog').count(), 0);
  }));

test('arrows go through what was found, and Escape leads back to where one was', () =>
  withPage({ path: '#lesson=losing-a-broker' }, async (playground, { page }) => {
    await playground.at('find').focus();
    await playground.key('Enter');
    await playground.at('find-words').waitFor();
    await page.keyboard.type('102');
    assert.deepEqual((await headings(page))[0], 'In this cluster');
    await playground.key('ArrowDown');
    assert.match(await focused(page), /^Broker 102/);
    await playground.key('ArrowUp');
    assert.equal(await focused(page), 'find-words');
    await playground.key('ArrowDown', 'Enter');
    await playground.until('the broker is in the inspector', () => document.querySelector('[data-test="inspector"]')?.dataset.subject === 'broker-102');
    assert.equal(await playground.at('dialog').count(), 0, 'it is closed');
    await playground.at('find').focus();
    await playground.key('Enter', 'Escape');
    assert.equal(await page.evaluate(() => document.activeElement.dataset.test), 'find');
  }));

test('a word leads to what it means, with the focus on it', () =>
  withPage({}, async (playground, { page }) => {
    await playground.press('find');
    await playground.at('find-words').fill('high watermark');
    await playground.key('Enter');
    await playground.at('entry-asked').waitFor();
    assert.equal(await focused(page), 'high watermark');
    const { top, bottom } = await playground.at('entry-asked').evaluate((node) => node.getBoundingClientRect());
    assert.ok(top >= 0 && bottom <= page.viewportSize().height, 'it is in sight');
  }));

test('a config leads to its value here, and to the lessons that speak of it', () =>
  withPage({ path: '#lesson=sandbox' }, async (playground, { page }) => {
    await playground.press('find');
    await playground.at('find-words').fill('min.insync');
    const found = page.locator('.found', { hasText: 'topic: INT, default 1; broker: INT, default 1' });
    await found.locator('.found-name').click();
    await playground.at('config-value-min.insync.replicas').waitFor();
    assert.equal(await playground.at('config-filter').inputValue(), 'min.insync.replicas');
    assert.equal(await playground.at('config-owner').inputValue(), 'Topic trucks_gps', 'not an internal one');
    // Another one takes its place.
    await playground.press('find');
    await playground.at('find-words').fill('log.segment.bytes');
    await playground.key('Enter');
    await playground.at('config-value-log.segment.bytes').waitFor();
    assert.match(await playground.at('config-owner').inputValue(), /Broker/);
    // Only once: who comes back later finds everything.
    await playground.at('config-filter').fill('');
    await playground.press('tab-messages');
    await playground.press('tab-state');
    assert.equal(await playground.at('config-filter').inputValue(), '');
  }));

test('an error code is found by its number and by the name of its exception, and leads to where it was answered', () =>
  withPage({ path: '#lesson=sandbox' }, async (playground, { page }) => {
    await playground.say('kafka-configs.sh --alter --entity-type topics --entity-name trucks_gps --add-config min.insync.replicas=3');
    for (const line of ['kill 102', 'wait 25s']) await playground.say(line);
    await playground.say('send truck-A --key truck-A refused');
    await playground.say('wait 2s');
    await playground.press('find');
    for (const words of ['NotEnoughReplicasException', '19']) {
      await playground.at('find-words').fill(words);
      await playground.at('found-NOT_ENOUGH_REPLICAS').waitFor();
    }
    assert.match(await playground.at('found-NOT_ENOUGH_REPLICAS').textContent(), /code 19, the client may try again.*fewer in-sync replicas/);
    await playground.at('found-NOT_ENOUGH_REPLICAS').locator('button').first().click();
    assert.equal(await playground.at('event-filter').inputValue(), 'NOT_ENOUGH_REPLICAS');
    const told = await page.locator('.log .event').allTextContents();
    assert.ok(told.length > 0 && told.every((text) => text.includes('NOT_ENOUGH_REPLICAS')), told.join('; '));
  }));

test('what is not there is said', () =>
  withPage({}, async (playground) => {
    await playground.press('find');
    await playground.at('find-words').fill('replicaton');
    assert.equal(await playground.at('found').textContent(), 'Nothing here is called “replicaton” or speaks of it.');
    await playground.key('Enter');
    assert.equal(await playground.at('dialog').count(), 1);
  }));

test('on a phone the field is in sight and everything found can be reached', () =>
  withPage({ viewport: PHONE, hasTouch: true, isMobile: true }, async (playground, { page }) => {
    await playground.at('find').tap();
    await playground.at('find-words').fill('leader');
    const wide = await page.evaluate(() => document.querySelector('dialog').scrollWidth - document.querySelector('dialog').clientWidth);
    assert.equal(wide, 0, 'nothing is scrolled sideways');
    await page.locator('.found-name').last().scrollIntoViewIfNeeded();
    const { bottom } = await page.locator('.found-name').last().evaluate((node) => node.getBoundingClientRect());
    assert.ok(bottom <= PHONE.height);
    await page.locator('button.found-name').first().tap();
    assert.equal(await page.locator('.find').count(), 0);
  }));
