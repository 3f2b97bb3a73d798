// Sharing: a link brings everything back in a fresh profile, damaged ones are said, runs and pictures are files.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { PHONE } from './harness/browser.mjs';
import { withPage } from './harness/page.mjs';

/** A lesson with a past: a broker killed, events filtered, a thing selected. */
async function aMoment(playground) {
  await playground.openLesson('losing-a-broker');
  await playground.answer(2);
  await playground.choose('broker-102', 'kill');
  for (let step = 0; step < 5; step += 1) await playground.press('transport-step');
  await playground.press('tab-events');
  await playground.at('event-filter').fill('leader');
  await playground.press('hit-broker-101');
  await playground.key('Escape');
}

/** What a reader has before the eyes. */
async function shown(playground) {
  const app = playground.at('app');
  return {
    hash: await playground.stateHash(),
    clock: await playground.clock(),
    lesson: await playground.lesson(),
    selected: await playground.at('inspector').getAttribute('data-subject'),
    filter: await playground.at('event-filter').inputValue().catch(() => null),
    broker: await playground.broker(102),
    panel: await app.getAttribute('data-panel'),
  };
}

async function shareLink(playground) {
  await playground.press('share');
  const link = await playground.at('link').inputValue();
  await playground.key('Escape');
  return link;
}

test('R6: what a link does not bring back is said: a lesson of one’s own, other branches', () =>
  withPage({}, async (playground) => {
    await playground.openSandbox();
    await playground.say('kill 102');
    await playground.press('transport-start');
    await playground.press('share');
    assert.equal(await playground.at('share-branches').count(), 0, 'there is one branch');
    await playground.key('Escape');
    await playground.say('kill 103');
    await playground.press('share');
    assert.match(await playground.fact('share-branches'), /Of the branches only the one that is shown/);
    assert.equal(await playground.at('share-own').count(), 0, 'the sandbox is everybody’s');
  }));

test('R6: a link brings lesson, moment, selection and view back in a fresh profile, with an equal hash', async () => {
  let link;
  let before;
  await withPage({}, async (playground) => {
    await aMoment(playground);
    before = await shown(playground);
    link = await shareLink(playground);
    assert.ok(link.length < 2000, `${link.length} letters`);
  });
  assert.equal(before.selected, 'broker-101');
  assert.equal(before.filter, 'leader');
  const fragment = new URL(link).hash;
  await withPage({ path: fragment }, async (playground) => assert.deepEqual(await shown(playground), before));
});

test('R6: a link that was cut off, changed or made by a newer version is said, and the page works', async () => {
  let fragment;
  await withPage({}, async (playground) => {
    await aMoment(playground);
    fragment = new URL(await shareLink(playground)).hash;
  });
  const broken = [
    [fragment.slice(0, fragment.length - 12), /damaged or was cut off/],
    [`${fragment.slice(0, 60)}x${fragment.slice(61)}`, /damaged or was cut off/],
    [fragment.replace(/^#[kz]1/, (version) => version.replace('1', '7')), /version 7.*newest version/],
  ];
  for (const [path, says] of broken) {
    await withPage({ path }, async (playground) => {
      assert.match(await playground.fact('error'), says);
      await playground.key('Escape');
      assert.equal((await playground.lesson()).id, 'where-a-record-goes');
      await playground.answer(2);
    });
  }
});

test('R6: a hundred and fifty broken links neither hang nor break the page', () =>
  withPage({ noisy: true }, async (playground, { page, address }) => {
    await aMoment(playground);
    const fragment = new URL(await shareLink(playground)).hash;
    // A generator of one's own: the same links in every run.
    let state = 42;
    const below = (limit) => { state = (state * 1103515245 + 12345) % 2147483648; return state % limit; };
    const letters = 'k1z&=~.,:%+-_abcXYZ0123456789';
    for (let number = 0; number < 150; number += 1) {
      let link = fragment;
      for (let change = 0; change <= below(4); change += 1) {
        const at = 1 + below(link.length - 1);
        const cut = below(3);
        link = link.slice(0, at) + (cut === 0 ? '' : letters[below(letters.length)]) + (cut === 1 ? link.slice(at) : link.slice(at + 1));
      }
      await page.goto('about:blank');
      await page.goto(address + link, { waitUntil: 'commit' });
      await playground.at('app').waitFor({ timeout: 60_000 });
      assert.equal(await page.locator('#fatal').isVisible(), false, link);
    }
  }));

test('a run is taken home as a script of Kafka’s own tools and a Compose file', () =>
  withPage({}, async (playground, { page }) => {
    await aMoment(playground);
    await playground.press('share');
    const saved = async (hook, name) => {
      const [download] = await Promise.all([page.waitForEvent('download'), playground.press(hook)]);
      assert.equal(download.suggestedFilename(), name);
      return readFileSync(await download.path(), 'utf8');
    };
    const script = await saved('save-script', 'run.sh');
    assert.match(script, /^#!\/usr\/bin\/env bash\n# Losing a broker: /);
    assert.match(script, /^kafka-topics\.sh --bootstrap-server "\$BOOTSTRAP" --create --topic trucks_gps .*\n(#= .*\n)+/m);
    assert.match(script, /^docker compose kill broker-102$/m);
    assert.match(await saved('save-compose', 'docker-compose.yml'), /^ {2}broker-103:$/m);
  }));

test('R6: a run is saved as a file, opens again with an equal hash, and a bad file is refused with the line', () =>
  withPage({}, async (playground, { page }) => {
    await aMoment(playground);
    const before = await shown(playground);
    await playground.press('share');
    const [download] = await Promise.all([page.waitForEvent('download'), playground.press('save-run')]);
    assert.match(download.suggestedFilename(), /^losing-a-broker-.*\.run$/);
    const text = readFileSync(await download.path(), 'utf8');
    assert.match(text, /^Kafka Playground run, version 1\n/);
    assert.match(text, /\ndo=\d+~\d+~kill 102\n/);

    const open = (content) => playground.at('run-file').setInputFiles({ name: 'mine.run', mimeType: 'text/plain', buffer: Buffer.from(content) });
    const line = text.split('\n').findIndex((one) => one.endsWith('~kill 102')) + 1;
    for (const [bad, says] of [
      ['hello', /mine\.run, line 1: .*version 1/],
      [text.replace('~kill 102', '~kil 102'), new RegExp(`line ${line}: kil`)],
      [text.replace('~kill 102', '~kill 999'), new RegExp(`line ${line}: .*999`)],
      [text.replace('version 1', 'version 3'), /line 1: .*version 3/],
    ]) {
      await open(bad);
      await playground.until('the refusal is said', (source) => {
        return new RegExp(source, 's').test(document.querySelector('[data-test="error"]')?.textContent ?? '');
      }, says.source);
      assert.equal(await playground.stateHash(), before.hash);
    }
    await playground.key('Escape');
    await playground.openSandbox();
    await playground.press('share');
    await open(text);
    await playground.until('the run is open', (hash) => document.querySelector('[data-test="app"]').dataset.stateHash === hash, before.hash);
    assert.deepEqual(await shown(playground), before);
  }));

test('R6: the picture is saved as PNG and as SVG', () =>
  withPage({}, async (playground, { page }) => {
    await playground.press('share');
    const saved = async (hook) => {
      const [download] = await Promise.all([page.waitForEvent('download'), playground.press(hook)]);
      return readFileSync(await download.path());
    };
    const svg = (await saved('save-svg')).toString('utf8');
    assert.match(svg, /^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg"/);
    assert.match(svg, />101</);
    assert.match(svg, /font-family="[^"]*sans-serif"/);
    const png = await saved('save-png');
    const frame = await page.locator('.picture .scene').boundingBox();
    assert.equal(png.toString('latin1', 1, 4), 'PNG');
    assert.ok(png.readUInt32BE(16) >= frame.width * 2, 'twice as dense as the page');
  }));

test('R6: on a phone, and by keyboard, sharing is at hand', () =>
  withPage({ viewport: PHONE }, async (playground, { page }) => {
    await playground.tabTo('share');
    await playground.key('Enter');
    await playground.tabTo('save-svg');
    const [download] = await Promise.all([page.waitForEvent('download'), playground.key('Enter')]);
    assert.match(download.suggestedFilename(), /\.svg$/);
    const sideways = await page.evaluate(() => document.scrollingElement.scrollWidth - window.innerWidth);
    assert.ok(sideways <= 0);
  }));
