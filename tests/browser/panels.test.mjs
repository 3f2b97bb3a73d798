// The dock's tab "State": promises, ledger, configs, znodes, internal topics, held against what the page
// says elsewhere about the same cluster.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withPage } from './harness/page.mjs';

const SANDBOX = '#lesson=sandbox';

async function panel(playground, name) {
  const button = playground.at(`state-${name}`);
  if (!(await button.isVisible())) await playground.press('tab-state');
  await button.click();
  await playground.until(`panel ${name} is open`, (wanted) => {
    return document.querySelector('[data-state-panel]')?.dataset.statePanel === wanted;
  }, name);
}

async function given(playground, lines) {
  for (const line of lines) await playground.say(line);
  assert.equal(await playground.at('error').count(), 0, 'every line is taken');
}

test('the ledger has a row per record: what its application knows, where it is, what groups did', () =>
  withPage({ path: SANDBOX }, async (playground) => {
    await given(playground, ['producer truck-9 --topic trucks_gps', 'send truck-9 --key K --count 4 v', 'wait 10s']);
    await panel(playground, 'ledger');
    const rows = await playground.at('ledger').locator('tbody tr').allInnerTexts();
    const ours = rows.filter((row) => /K = v\d/.test(row));
    assert.equal(ours.length, 4);
    for (const row of ours) {
      const [, offset] = /acknowledged, offset (\d+)/.exec(row);
      assert.match(row, new RegExp(`trucks_gps-\\d @ ${offset}`), 'it is where it was acknowledged');
      assert.match(row, /dashboard: processed/);
    }
    assert.match(await playground.fact('ledger-sum'), new RegExp(`^${rows.length} sent: ${rows.length} acknowledged`));
    await playground.at('ledger-filter').fill('v2');
    assert.equal(await playground.at('ledger').locator('tbody tr').count(), 1);
  }));

test('of hundreds of records the newest are there, and who scrolls on comes to the first', () =>
  withPage({ path: SANDBOX }, async (playground) => {
    await given(playground, ['producer truck-9 --topic trucks_gps', 'send truck-9 --key K --count 300 v', 'wait 10s']);
    await panel(playground, 'ledger');
    const rows = () => playground.at('ledger').locator('tbody tr').evaluateAll((all) => all.map((row) => Number(row.dataset.test.slice(7))));
    const sent = Number(/^\d+/.exec(await playground.fact('ledger-sum'))[0]);
    assert.equal((await rows())[0], sent - 1, 'the newest is first');
    const seen = new Set(await rows());
    for (let turn = 0; turn < 30 && !seen.has(0); turn += 1) {
      const last = (await rows()).at(-1);
      await playground.page.evaluate(() => { const region = document.querySelector('[aria-label="Ledger"]'); region.scrollTop = region.scrollHeight; });
      await playground.until('older ones are given', (row) => !document.querySelector(`[data-test="ledger-${row}"]:last-child`), last);
      for (const row of await rows()) seen.add(row);
    }
    assert.equal(seen.size, sent, 'none is left out');
    assert.ok((await rows()).length < sent, 'and not all are there at once');
  }));

test('a lost record is named with the event that lost it, and the way leads there', () =>
  withPage({ path: SANDBOX }, async (playground) => {
    await given(playground, [
      'kafka-topics.sh --create --topic t --replica-assignment 101:102 --config unclean.leader.election.enable=true', 'wait 2s',
      'producer p --topic t --config acks=1', 'send p one', 'wait 2s',
      'pause 102', 'wait 40s', 'send p lost', 'wait 2s', 'kill 101', 'resume 102', 'wait 30s', 'start 101', 'wait 20s',
    ]);
    await panel(playground, 'ledger');
    await playground.press('ledger-remarked');
    const row = playground.at('ledger').locator('tbody tr.lost');
    assert.match(await row.innerText(), /lost: .*102 began to lead t-0/s);
    const link = row.locator('[data-test="jump"]').first();
    const wanted = Number(await link.getAttribute('data-us'));
    await link.click();
    assert.equal(await playground.clock(), wanted);
    await panel(playground, 'promises');
    await playground.press('transport-end');
    assert.match(await playground.fact('promises-excused'), /t-0: .*unclean election/);
  }));

test('every promise has a lamp, and all hold in a cluster without faults', () =>
  withPage({ path: SANDBOX }, async (playground) => {
    await given(playground, ['wait 5s']);
    await panel(playground, 'promises');
    const lamps = playground.page.locator('[data-test^="promise-"]');
    assert.equal(await lamps.count(), 32);
    for (const state of await lamps.evaluateAll((all) => all.map((lamp) => lamp.dataset.state))) assert.equal(state, 'holds');
    assert.match(await playground.fact('promise-HighWatermarkMonotonic'), /never falls within its epoch.*maybeIncrementLeaderHW/s);
    assert.match(await playground.fact('promises-sum'), /All 32 hold/);
  }));

test('configs show what differs, with default, type and range, and are changed in place by the tool’s line', () =>
  withPage({ path: SANDBOX }, async (playground) => {
    await panel(playground, 'configs');
    assert.match(await playground.fact('config-auto.create.topics.enable'), /false.*true.*BOOLEAN.*STATIC_BROKER_CONFIG/s);
    for (const differs of await playground.at('configs').locator('tbody tr').evaluateAll((rows) => rows.map((row) => row.dataset.differs))) {
      assert.equal(differs, 'true');
    }
    await playground.at('config-owner').selectOption('Topic trucks_gps');
    await playground.press('config-differing');
    await playground.at('config-filter').fill('min.insync');
    const row = playground.at('config-min.insync.replicas');
    assert.match(await row.innerText(), /INT\s+\[1,\.\.\.\]/);
    await playground.press('change-min.insync.replicas');
    await playground.at('config-edit').fill('0');
    assert.match(await playground.fact('config-wrong'), /Value must be at least 1/);
    await playground.at('config-edit').fill('2');
    await playground.press('config-set');
    await playground.say('wait 2s');
    const lines = await playground.at('command-line').allTextContents();
    assert.ok(lines.includes('$ kafka-configs.sh --alter --entity-type topics --entity-name trucks_gps --add-config min.insync.replicas=2'), lines.join('\n'));
    await panel(playground, 'configs');
    assert.match(await row.innerText(), /2.*DYNAMIC_TOPIC_CONFIG/s);
  }));

test('what is half typed for one topic is not another’s, and a topic that is gone keeps its name in the list', () =>
  withPage({ path: SANDBOX }, async (playground) => {
    for (const topic of ['t', 'u']) {
      await playground.say(`kafka-topics.sh --create --topic ${topic} --config min.insync.replicas=2`);
      await playground.say('wait 2s');
    }
    const hasAnEditor = (wanted) => playground.until(`an editor stands open: ${wanted}`, (is) => {
      return (document.querySelector('[data-test="config-edit"]') !== null) === is;
    }, wanted);
    await panel(playground, 'configs');
    await playground.at('config-owner').selectOption('Topic t');
    await playground.press('change-min.insync.replicas');
    await playground.at('config-edit').fill('3');
    await playground.press('topic-u');
    await playground.at('hit-partition-u-0').click({ button: 'right' });
    await playground.press('menu-configs');
    await hasAnEditor(false);
    await playground.press('transport-start');
    await playground.until('it is said that it is gone', () => {
      const list = document.querySelector('[data-test="config-owner"]');
      return list.selectedOptions[0].textContent.startsWith('Topic u, not there');
    });
  }));

test('the znodes are a tree for the keyboard, and a partition’s state says what the table says', () =>
  withPage({ path: SANDBOX }, async (playground) => {
    await panel(playground, 'znodes');
    await playground.at('state-znode-/brokers/topics').focus();
    const down = async (path) => {
      for (let presses = 0; presses < 30; presses += 1) {
        if (await playground.at(`state-znode-${path}`).evaluate((row) => row === document.activeElement).catch(() => false)) return;
        await playground.key('ArrowDown');
      }
      throw new Error(`the keyboard does not reach ${path}`);
    };
    const under = '/brokers/topics/trucks_gps';
    for (const path of [under, `${under}/partitions`, `${under}/partitions/0`]) {
      await down(path);
      await playground.key('ArrowRight');
    }
    await down(`${under}/partitions/0/state`);
    await playground.key('Enter');
    const data = JSON.parse(await playground.fact('state-znode-data'));
    assert.equal(String(data.leader), await playground.leader('trucks_gps-0'));
    assert.equal(data.isr.join(), await playground.isr('trucks_gps-0'));
    assert.equal(String(data.leader_epoch), await playground.fact('epoch-trucks_gps-0'));
    await playground.at('state-znode-/controller').click();
    assert.match(await playground.fact('state-znode-owner'), /session 0x[0-9a-f]+ of 10\d/);
    assert.match(await playground.fact('state-znode-watches'), /10\d/);
  }));

test('internal topics are decoded record by record, as the formatters show them', () =>
  withPage({ path: SANDBOX }, async (playground) => {
    await given(playground, ['wait 10s', 'commit dash-1', 'wait 2s', 'producer t --topic trucks_gps --config transactional.id=tx', 'wait 1s',
      'init-transactions t', 'wait 4s', 'begin-transaction t', 'send t one', 'wait 1s', 'commit-transaction t', 'wait 2s']);
    await panel(playground, 'internal');
    const rows = await playground.at('internal').locator('tbody tr').allInnerTexts();
    assert.ok(rows.some((row) => /offset_commit\s.*\[dashboard,trucks_gps,\d\].*OffsetAndMetadata\(offset=\d+/s.test(row)), rows.join('\n'));
    assert.ok(rows.some((row) => /group_metadata\s.*GroupMetadata\(groupId=dashboard, generation=\d/s.test(row)), rows.join('\n'));
    const choices = await playground.at('internal-partition').locator('option').allTextContents();
    const ours = choices.find((choice) => choice.startsWith('__transaction_state') && !choice.endsWith('empty'));
    await playground.at('internal-partition').selectOption(ours);
    await playground.until('transactions are shown', () => /TransactionMetadata/.test(document.querySelector('[data-test="internal"]')?.textContent ?? ''));
    const states = await playground.at('internal').innerText();
    for (const state of ['Empty', 'Ongoing', 'PrepareCommit', 'CompleteCommit']) assert.match(states, new RegExp(`state=${state}`));
    const before = await playground.at('internal').locator('tbody tr').count();
    await playground.press('internal-latest');
    assert.ok((await playground.at('internal').locator('tbody tr').count()) < before);
  }));
