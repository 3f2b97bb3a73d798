// The page itself: the first visit, sizes and themes, what it says to bad input, what axe says.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { DESKTOP, PHONE, SMALL } from './harness/browser.mjs';
import { withPage } from './harness/page.mjs';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** What axe finds, a line each. */
async function violations(page) {
  await page.evaluate(AXE);
  const found = await page.evaluate(() => globalThis.axe.run(document, {
    runOnly: { type: 'tag', values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] },
  }));
  return found.violations.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map((node) => node.html).join(' | ')}`);
}

test('on the first visit, without a click, a lesson is open, its cluster stands, the text says what to do', () =>
  withPage({}, async (playground) => {
    const { id, step } = await playground.lesson();
    assert.equal(id, 'where-a-record-goes');
    assert.equal(step, 0);
    for (const broker of [101, 102, 103]) {
      assert.equal(await playground.broker(broker), 'running');
      assert.ok(await playground.at(`hit-broker-${broker}`).isVisible());
    }
    assert.match(await playground.fact('lesson'), /Look where C went before. Then pick a place/);
    assert.match(await playground.fact('picture-words'), /3 brokers, 3 up\. Topic trucks_gps, 3 partitions/);
    assert.ok(await playground.at('action-primary').isVisible());
  }));

for (const viewport of [DESKTOP, SMALL, PHONE]) {
  for (const scheme of ['light', 'dark']) {
    const name = `${viewport.width}x${viewport.height} ${scheme}`;
    test(`${name}: nothing scrolls sideways, the picture is painted, axe finds nothing`, () =>
      withPage({ viewport, scheme }, async (playground, { page }) => {
        const sideways = () => page.evaluate(() => document.scrollingElement.scrollWidth - window.innerWidth);
        assert.ok((await sideways()) <= 0, 'first visit');
        const colours = await page.evaluate(() => {
          const canvas = document.querySelector('[data-test="picture"] canvas');
          const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
          const seen = new Set();
          for (let at = 0; at < data.length; at += 4) seen.add(`${data[at]},${data[at + 1]},${data[at + 2]}`);
          return seen.size;
        });
        assert.ok(colours > 8, `the picture has ${colours} colours`);
        assert.deepEqual(await violations(page), []);
        await playground.openSandbox();
        assert.ok((await sideways()) <= 0, 'sandbox');
        assert.deepEqual(await violations(page), []);
      }));
  }
}

test('the theme can be chosen and is kept', () =>
  withPage({ scheme: 'light' }, async (playground, { page }) => {
    const theme = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const light = await theme();
    await playground.press('theme');
    const dark = await theme();
    assert.notEqual(dark, light);
    await page.reload();
    await playground.ready();
    assert.equal(await theme(), dark);
  }));

test('everything a click does is a line of the command language', () =>
  withPage({ path: '#lesson=sandbox' }, async (playground) => {
    await playground.choose('broker-103', 'pause');
    await playground.press('tab-terminal');
    const lines = await playground.at('command-line').allTextContents();
    assert.equal(lines.at(-1), '$ pause 103');
    assert.equal(await playground.broker(103), 'frozen');
  }));

test('clients are added and a record with a chosen key is sent', () =>
  withPage({ path: '#lesson=sandbox' }, async (playground) => {
    await playground.hurry();
    await playground.press('add-producer');
    await playground.at('field-client').fill('truck-Z');
    await playground.press('form-submit');
    await playground.at('hit-producer-truck-Z').waitFor();
    await playground.press('add-consumer');
    await playground.at('field-client').fill('dash-9');
    await playground.press('form-submit');
    await playground.at('hit-consumer-dash-9').waitFor();
    const records = async () => {
      const cells = await playground.page.locator('[data-test^="hw-"]').allTextContents();
      return cells.reduce((sum, cell) => sum + Number(cell), 0);
    };
    const before = await records();
    await playground.choose('producer-truck-Z', 'send');
    await playground.at('field-key').fill('truck-Z');
    await playground.at('field-value').fill('here');
    await playground.press('form-submit');
    await playground.play();
    await playground.until('the record is committed', (sum) => {
      const cells = [...document.querySelectorAll('[data-test^="hw-"]')];
      return cells.reduce((all, cell) => all + Number(cell.textContent), 0) > sum;
    }, before);
  }));

/** A line that cannot be carried out, and what the refusal says: the place, and what was expected. */
const REFUSED = [
  ['kil 102', /kil/],
  ['kill 999', /999.*nodes are/s],
  ['producer p --topic trucks_gps --config acks=perhaps', /acks/],
  ['delay 101 102 soon', /soon/],
  ['kafka-delete-records.sh --topic t --partition 0', /offset/],
];

test('a bad command is refused with its place, and the state stays as it was', () =>
  withPage({ path: '#lesson=sandbox' }, async (playground) => {
    const before = await playground.stateHash();
    for (const [line, says] of REFUSED) {
      await playground.say(line);
      assert.match(await playground.at('error').last().textContent(), says, line);
      assert.equal(await playground.stateHash(), before, line);
    }
    assert.equal(await playground.at('error').count(), REFUSED.length);
  }));

/** What the tool or a broker refuses: Kafka's tool prints Kafka's words. */
const REFUSED_BY_KAFKA = [
  ['kafka-topics.sh --create --topic bad/name --partitions 1 --replication-factor 1', /'bad\/name' contains one or more characters other than/],
  ['kafka-topics.sh --create --topic big --partitions 1 --replication-factor 9', /replication factor/i],
  ['kafka-topics.sh --create --topic trucks_gps --partitions 1 --replication-factor 1', /Topic 'trucks_gps' already exists/],
  ['kafka-topics.sh --create --topic t --partitions 1 --replication-factor 1 --config retention.ms=soon', /Invalid value soon for configuration retention\.ms/],
  ['kafka-topics.sh --create --topic t --partitions many', /Cannot parse argument 'many' of option partitions/],
  ['kafka-topics.sh --delete --topic nowhere', /Topic 'Optional\[nowhere\]' does not exist as expected/],
];

test('what the tool or the cluster would refuse is refused in Kafka’s words, and the state stays as it was', () =>
  withPage({ path: '#lesson=sandbox' }, async (playground) => {
    const before = await playground.stateHash();
    for (const [line, says] of REFUSED_BY_KAFKA) {
      await playground.say('clear');
      await playground.say(line);
      assert.match(await playground.at('terminal').innerText(), says, line);
      assert.equal(await playground.at('error').last().textContent(), 'exit status 1', line);
      assert.equal(await playground.stateHash(), before, line);
    }
  }));

test('a bad lesson file is refused with the line', () =>
  withPage({}, async (playground) => {
    const before = await playground.stateHash();
    await playground.press('lessons');
    const text = '---\nid: mine\ntitle: Mine\n---\n\n## One\n\n```run\nkil 102\n```\n';
    await playground.at('lesson-file').setInputFiles({ name: 'mine.md', mimeType: 'text/markdown', buffer: Buffer.from(text) });
    await playground.at('error').waitFor();
    assert.match(await playground.fact('error'), /mine\.md|line|\d/);
    assert.equal(await playground.stateHash(), before);
  }));

for (const [path, what] of [['#k1~nonsense', 'a moment'], ['#lesson=no-such-lesson', 'a lesson']]) {
  test(`a link to ${what} that does not exist is said, and the page opens all the same`, () =>
    withPage({ path }, async (playground) => {
      await playground.at('error').waitFor();
      assert.equal((await playground.lesson()).id, 'where-a-record-goes');
    }));
}

test('a link brings back the very moment', () =>
  withPage({}, async (playground, { page, address }) => {
    await playground.openLesson('losing-a-broker');
    await playground.answer(2);
    await playground.choose('broker-102', 'kill');
    for (let step = 0; step < 5; step += 1) await playground.press('transport-step');
    const there = await playground.stateHash();
    await playground.press('share');
    await playground.until('the link is in the address bar', () => /^#[kz]1/.test(location.hash));
    const link = await page.evaluate(() => location.hash);
    await page.goto('about:blank');
    await page.goto(address + link);
    await playground.ready();
    assert.equal(await playground.stateHash(), there);
    assert.equal(await playground.broker(102), 'dead');
  }));
