// The inspector: why a value is what it is, what happens next, and one selection in every view.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PHONE } from './harness/browser.mjs';
import { withPage } from './harness/page.mjs';
import { INCIDENTS } from './incidents.mjs';

const SANDBOX = '#lesson=sandbox';
/** Three brokers and nothing else. */
const BARE = '#k1&seed=7&lesson=sandbox';

/** A cluster with a past: records, a dead broker, a new leader, a group that lags, a refused record. */
const PAST = [
  'producer truck-9 --topic trucks_gps --config retries=0',
  'send truck-9 --key K --count 5 v', 'wait 3s',
  'kill 102', 'wait 25s',
  'pause dash-1', 'send truck-9 --key K --count 3 late', 'wait 3s',
  'kafka-configs.sh --alter --entity-type topics --entity-name trucks_gps --add-config min.insync.replicas=3', 'wait 3s',
  'send truck-9 --key K refused', 'wait 3s',
];

async function withPast(check, lines = PAST, path = SANDBOX) {
  await withPage({ path }, async (playground, more) => {
    for (const line of lines) await playground.say(line);
    assert.deepEqual(await playground.at('error').allInnerTexts(), [], 'every line is taken');
    await playground.press('dock-close');
    await check(playground, more);
  });
}

/** Selects a thing of the picture by keyboard and opens one of its questions. */
async function why(playground, thing, field) {
  if (await playground.at('menu').count()) await playground.key('Escape');
  await playground.at(`hit-${thing}`).focus();
  await playground.key('Enter');
  if (await playground.at('menu').count()) await playground.key('Escape');
  await playground.until(`${thing} is in the inspector`, (key) => {
    return document.querySelector('[data-test="inspector"]')?.dataset.subject === key;
  }, thing);
  const box = playground.at(`why-${field}`);
  if ((await box.getAttribute('open')) === null) await playground.press(`why-open-${field}`);
  return box.innerText();
}

/** Follows the question's link; there the event has just happened. Comes back afterwards. */
async function jump(playground, field) {
  const link = playground.at(`why-${field}`).locator('[data-test="why-jump"]');
  const wanted = Number(await link.getAttribute('data-us'));
  const end = await playground.clock();
  await link.click();
  assert.equal(await playground.clock(), wanted, `${field} leads to its event`);
  assert.ok(wanted < end);
  await playground.press('transport-end');
}

test('R8: the high watermark names min over the ISR, its rule, and the event that moved it, with a way there', () =>
  withPast(async (playground) => {
    const text = await why(playground, 'partition-trucks_gps-0', 'high-watermark');
    assert.match(text, /In-sync replicas/);
    assert.match(text, /min\.insync\.replicas/);
    assert.match(text, /stands still/);
    assert.match(text, /Partition\.maybeIncrementLeaderHW/);
    assert.match(text, /high watermark of trucks_gps-0 advances from \d+ to \d+/);
    await jump(playground, 'high-watermark');
    const other = await why(playground, 'partition-trucks_gps-0', 'high-watermark');
    assert.match(other, /Log end of \d+, the leader/);
  }));

test('R8: min over the ISR is the smallest log end among them', () =>
  withPast(async (playground) => {
    const text = await why(playground, 'partition-trucks_gps-0', 'high-watermark');
    const found = /min\(([\d, ]+)\) over ISR \{([\d, ]+)\}\s*(\d+)/.exec(text);
    assert.ok(found, text);
    const ends = found[1].split(', ').map(Number);
    assert.equal(Number(found[3]), Math.min(...ends));
    assert.equal(String(Number(found[3])), await playground.fact('hw-trucks_gps-0'));
    assert.equal(found[2].replaceAll(' ', '').split(',').sort().join(), (await playground.isr('trucks_gps-0')).split(',').sort().join());
  }, PAST.slice(0, 5)));

for (const [field, thing, says] of [
  ['leader', 'partition-trucks_gps-1', /first of the assigned replicas that is registered and in the ISR/],
  ['leader-epoch', 'partition-trucks_gps-1', /raises it by one at every election/],
  ['102-in-isr', 'partition-trucks_gps-1', /It comes back with the fetch that reaches the high watermark/],
  ['controller', 'broker-101', /ephemeral znode \/controller/],
  ['assignment', 'group-dashboard', /RangeAssignor/],
  ['lag-of-dashboard-in-trucks-gps-0', 'group-dashboard', /LOG-END-OFFSET minus CURRENT-OFFSET/],
  ['last-error', 'producer-truck-9', /fewer replicas in sync than min\.insync\.replicas/],
]) {
  test(`R8: ${field} of ${thing} has its inputs, its rule and the event that last changed it`, () =>
    withPast(async (playground) => {
      const text = await why(playground, thing, field);
      assert.match(text, says);
      assert.ok((await playground.at(`why-${field}`).locator('dd').count()) >= 2, 'inputs');
      // A cluster that is open from its first moment may have elected before that.
      if (await playground.at(`why-${field}`).locator('[data-test="why-jump"]').count()) await jump(playground, field);
      else assert.match(text, /since the cluster began/);
    }));
}

test('the chain of causes of a leader begins at the fault, and its numbers stand in the picture', () =>
  withPast(async (playground, { page }) => {
    await why(playground, 'partition-trucks_gps-1', 'leader');
    const box = playground.at('why-leader');
    const links = await box.locator('[data-test="why-chain"] > li').allInnerTexts();
    assert.ok(links.length >= 4, links.join('\n'));
    assert.match(links[0], /102 is killed/);
    assert.match(links[1], /session of 102 expires/);
    assert.match(links.at(-1), /is elected leader of trucks_gps-1/);
    const pinned = () => page.evaluate(() => Object.fromEntries(
      Array.from(document.querySelectorAll('[data-pin]'), (hit) => [hit.dataset.target, hit.dataset.pin])));
    await playground.until('the pins are there', () => document.querySelector('[data-pin]') !== null);
    const pins = await pinned();
    assert.equal(pins['broker-102'], '1');
    const leader = await playground.leader('trucks_gps-1');
    assert.equal(pins[`replica-${leader}-trucks_gps-1`], String(links.length));
    // A link leads to its moment; closed, the question takes its numbers with it.
    await playground.press('why-open-leader');
    await playground.until('the pins are gone', () => document.querySelector('[data-pin]') === null);
  }));

test('what happens next is ordered, and the session of a frozen broker is among it', () =>
  withPast(async (playground) => {
    await playground.at('hit-broker-103').focus();
    await playground.key('Enter', 'Escape');
    const rows = await playground.at('next').locator('li').allInnerTexts();
    assert.ok(rows.some((row) => /session of 103 expires/.test(row)), rows.join('\n'));
    const ms = rows.map((row) => {
      const [, number, unit] = /in ([\d.]+) (ms|s)\s*$/.exec(row.trim());
      return Number(number) * (unit === 's' ? 1000 : 1);
    });
    assert.deepEqual(ms, [...ms].sort((a, b) => a - b));
  }, ['pause 103', 'wait 2s']));

test('on the phone the questions are on the inspector’s tab', () =>
  withPage({ path: SANDBOX, viewport: PHONE, hasTouch: true }, async (playground) => {
    await playground.at('hit-partition-trucks_gps-0').tap();
    await playground.at('why-open-high-watermark').tap();
    assert.match(await playground.at('why-high-watermark').innerText(), /over ISR/);
  }));

/** The views in which the selected thing is marked: hooks of the marked elements, without their numbers. */
async function marked(playground, key) {
  return playground.page.locator(`[data-selected="${key}"]`).evaluateAll((all) => all.map((element) => {
    const hook = element.dataset.test ?? '';
    if (element.tagName === 'TR' && hook === '') return 'table';
    if (element.closest('[data-test="terminal"]')) return 'terminal';
    return hook.replace(/-\d+$/, '');
  }));
}

for (const [thing, log] of [
  ['broker-101', /101/],
  ['partition-trucks_gps-0', /trucks_gps-0/],
  ['group-dashboard', /dashboard/],
  ['consumer-dash-1', /dash-1/],
]) {
  test(`R7: ${thing}, selected in the picture, is marked in inspector, event log, tables and terminal`, () =>
    withPage({ path: SANDBOX }, async (playground) => {
      await playground.say('wait 4s');
      await playground.say('kafka-topics.sh --describe --topic trucks_gps');
      await playground.say('kafka-consumer-groups.sh --describe --group dashboard');
      await playground.say('kafka-leader-election.sh --election-type preferred --topic trucks_gps --partition 0');
      if (thing.startsWith('broker')) await playground.say('pause 101');
      await playground.at(`hit-${thing}`).focus();
      await playground.key('Enter');
      if (await playground.at('menu').count()) await playground.key('Escape');
      const inTerminal = await marked(playground, thing);
      for (const view of [`hit-${thing}`.replace(/-\d+$/, ''), 'inspector', 'terminal']) {
        assert.ok(inTerminal.includes(view), `${view} of ${inTerminal}`);
      }
      if (/^(broker|partition)/.test(thing)) assert.ok(inTerminal.includes('table'), String(inTerminal));
      await playground.press('tab-events');
      const rows = playground.page.locator(`[data-test^="event-"][data-selected="${thing}"]`);
      assert.ok((await rows.count()) > 0, 'events');
      for (const row of await rows.allInnerTexts()) assert.match(row, log);
    }));
}

test('R7: a record selected in the ledger is marked in the inspector, and one selected there in the ledger', () =>
  withPage({ path: SANDBOX }, async (playground) => {
    await playground.say('wait 4s');
    await playground.press('tab-state');
    await playground.press('state-ledger');
    await playground.at('ledger').locator('tbody tr').last().getByRole('button').first().click();
    const key = await playground.at('inspector').getAttribute('data-subject');
    assert.match(key, /^record-/);
    const views = await marked(playground, key);
    assert.ok(views.includes('ledger') && views.includes('inspector'), String(views));
    // The same record in another replica's log is the same record.
    const [, broker, rest] = /^record-(\d+)-(.*)$/.exec(key);
    const follower = { 101: 102, 102: 103, 103: 101 }[broker];
    const tp = /^\d+-(.*)$/.exec(rest)[1];
    await playground.at(`hit-replica-${follower}-${tp}`).focus();
    await playground.key('Enter');
    const offset = /^(\d+)-/.exec(rest)[1];
    await playground.at('inspector').getByRole('button', { name: new RegExp(`^${offset}\\b`) }).last().click();
    const other = await playground.at('inspector').getAttribute('data-subject');
    assert.equal(other, `record-${follower}-${rest}`);
    assert.ok((await marked(playground, other)).includes('ledger'));
  }));

for (const [device, options] of [['mouse', {}], ['finger', { viewport: PHONE, hasTouch: true, isMobile: true }]]) {
  test(`a record's cell is pressed by ${device}, and the inspector shows the record`, () =>
    withPage({ path: SANDBOX, ...options }, async (playground, { page }) => {
      await playground.say('producer truck-9 --topic trucks_gps');
      await playground.say('send truck-9 --partition 0 --key K here');
      await playground.say('wait 1s');
      await playground.press(device === 'finger' ? 'panel-lesson' : 'dock-close');
      const replica = playground.at('hit-replica-101-trucks_gps-0');
      const { width, height } = await replica.boundingBox();
      // The tape lies below the middle of its row; the words above it belong to the replica.
      const press = (position) => (device === 'finger' ? replica.tap({ position }) : replica.click({ position }));
      await press({ x: 10, y: height / 2 + 4 });
      await playground.until('a record at the tape’s beginning is inspected', () => {
        return /^record-101-[01]-trucks_gps-0$/.test(document.querySelector('[data-test="inspector"]')?.dataset.subject);
      });
      assert.match(await playground.at('inspector').innerText(), /Leader epoch/);
      // Where no record is written, the replica is meant.
      await press({ x: width - 6, y: 6 });
      await playground.until('the replica is inspected', () => {
        return document.querySelector('[data-test="inspector"]')?.dataset.subject === 'replica-101-trucks_gps-0';
      });
      assert.equal(await page.locator('#fatal').isVisible(), false);
    }));
}

test('R7: every thing that can be selected is reached by Tab', () =>
  withPage({ path: SANDBOX }, async (playground) => {
    for (const thing of ['broker-102', 'replica-102-trucks_gps-1', 'consumer-dash-1', 'zookeeper-1']) {
      await playground.tabTo(`hit-${thing}`);
    }
  }));

/** What stands in each row of a table or list. */
const rows = (playground, hook, row) => playground.at(hook).locator(row).allInnerTexts().then((all) => all.map((text) => text.replace(/\s+/g, ' ').trim()));

test('R8: two pasts of a partition stand side by side, with the offset at which one will be cut', () =>
  withPast(async (playground) => {
    await why(playground, 'partition-trucks_gps-0', 'leader');
    assert.deepEqual(await rows(playground, 'epochs', 'tr'), ['102 103, leader', 'epoch 0 from 0 from 0', 'epoch 1 none from 4']);
    assert.equal(await playground.at('fork').innerText(), 'Epoch 0 ends before offset 5 on 102, before 4 on 103. When 102 follows, its log is cut from 5 to 4.');
    assert.deepEqual(await rows(playground, 'replica-order', 'li'), ['102 out of sync 5', '103 leader 7']);
  }, INCIDENTS['divergence-before-truncation'].lines, BARE));

test('R8: a group shows who owned what in its last generations', () =>
  withPast(async (playground) => {
    await why(playground, 'group-g', 'assignment');
    assert.deepEqual(await rows(playground, 'owners', 'tr'), ['gen 1 gen 2', 't-0 one one', 't-1 one two']);
    assert.equal(await playground.at('owners').locator('.moved').count(), 1, 'what moved is marked');
  }, [
    'kafka-topics.sh --create --topic t --partitions 2 --replication-factor 2', 'wait 2s',
    'consumer one --topic t --group g', 'wait 6s', 'consumer two --topic t --group g', 'wait 8s',
  ]));

test('R8: what is under-replicated is told by the brokers that are missing', () =>
  withPast(async (playground) => {
    await why(playground, 'broker-103', 'controller');
    assert.deepEqual(await rows(playground, 'by-cause', 'li'), ['2 miss only 103, below min.insync.replicas: acks=all is refused']);
    await playground.at('by-cause').getByRole('button').click();
    assert.equal(await playground.at('inspector').getAttribute('data-subject'), 'partition-t-0');
  }, [
    'kafka-topics.sh --create --topic t --replica-assignment 101:103,101:103,101:102 --config min.insync.replicas=2', 'wait 2s',
    'kill 103', 'kill 102', 'wait 25s',
  ], BARE));
