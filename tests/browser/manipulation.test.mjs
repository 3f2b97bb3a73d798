// Doing things in the picture: every fault in two actions by mouse, long press and keyboard, and each
// one is a line on the command line.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PHONE } from './harness/browser.mjs';
import { withPage } from './harness/page.mjs';

const SANDBOX = '#lesson=sandbox';

/** The first action: the menu of a thing, by each of the three ways. */
const WAYS = {
  mouse: { async open(playground, thing) { await playground.at(`hit-${thing}`).click({ button: 'right' }); } },
  keyboard: {
    async open(playground, thing) {
      await playground.at(`hit-${thing}`).focus();
      await playground.key('Shift+F10');
    },
  },
  'long press': {
    options: { viewport: PHONE, hasTouch: true, isMobile: true },
    async open(playground, thing, { page }) {
      const hit = playground.at(`hit-${thing}`);
      await hit.scrollIntoViewIfNeeded();
      const box = await hit.boundingBox();
      const touch = await page.context().newCDPSession(page);
      const points = [{ x: box.x + Math.min(box.width / 2, 20), y: box.y + box.height / 2 }];
      await touch.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: points });
      await playground.at('menu').waitFor();
      await touch.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] });
    },
  },
};

/** The second action: an entry of the open menu. */
async function take(playground, way, entry) {
  const item = playground.at(`menu-${entry}`);
  await item.waitFor();
  if (way === 'keyboard') {
    await playground.until('the menu has the focus', () => document.activeElement?.getAttribute('role') === 'menuitem');
    for (let presses = 0; presses < 80; presses += 1) {
      if (await item.evaluate((element) => element === document.activeElement)) break;
      await playground.key('ArrowDown');
    }
    await playground.key('Enter');
  } else if (way === 'long press') {
    await item.tap();
  } else {
    await item.click();
  }
}

/** What every line on the command line says, newest last. */
async function lines(playground) {
  if (!(await playground.at('terminal').isVisible())) {
    const narrow = await playground.at('panel-terminal').isVisible();
    await playground.press(narrow ? 'panel-terminal' : 'tab-terminal');
  }
  return playground.at('command-line').allTextContents();
}

/** Thing, entry, the line that must be printed, and the lines that make it possible. */
const ACTIONS = [
  ['broker-103', 'kill', 'kill 103'],
  ['broker-102', 'start', 'start 102', ['kill 102']],
  ['broker-102', 'cut-103', 'cut 102 103'],
  ['broker-102', 'heal-1', 'heal 1', ['cut 102 103']],
  ['replica-102-trucks_gps-0', 'stop-fetching', 'cut 102 101 one-way'],
  ['consumer-dash-1', 'hang', 'hang dash-1'],
  ['consumer-dash-1', 'hang-off', 'hang dash-1 off', ['hang dash-1']],
  ['group-dashboard', 'add-member', 'consumer consumer-1 --topic trucks_gps --group dashboard'],
];

for (const [way, { options, open }] of Object.entries(WAYS)) {
  for (const [thing, entry, line, before = []] of ACTIONS) {
    // The phone has no room for a group's name; its consumer has the same entry.
    const at = way === 'long press' && thing === 'group-dashboard' ? 'consumer-dash-1' : thing;
    test(`R9: ${entry} of ${at} is two actions by ${way}`, () =>
      withPage({ path: SANDBOX, ...options }, async (playground, more) => {
        for (const given of before) await playground.say(given);
        if (await playground.at('panel-lesson').isVisible()) await playground.press('panel-lesson');
        await open(playground, at, more);
        await take(playground, way, entry);
        await playground.at('menu').waitFor({ state: 'detached' });
        assert.equal((await lines(playground)).at(-1), `$ ${line}`);
      }));
  }

  test(`R9: a message on its way is dropped by two actions by ${way}`, () =>
    withPage({ path: SANDBOX, ...options }, async (playground, more) => {
      const producer = (await playground.page.locator('[data-test^="hit-producer-"]').first().getAttribute('data-test')).slice(13);
      await playground.say(`send ${producer} --key K one`);
      if (await playground.at('panel-lesson').isVisible()) await playground.press('panel-lesson');
      const flying = playground.page.locator('[data-test^="hit-message-"]');
      for (let steps = 0; steps < 60 && (await flying.count()) === 0; steps += 1) await playground.press('transport-step');
      const thing = (await flying.last().getAttribute('data-test')).replace('hit-', '');
      await open(playground, thing, more);
      await take(playground, way, 'drop-connection');
      assert.match((await lines(playground)).at(-1), /^\$ drop-connection /);
    }));
}

/** Every other fault that the engine knows is in the menu of its thing. */
const FAULTS = [
  ['broker-103', ['stop', 'pause', 'power-off', 'deaf-101', 'delay-101', 'reset-101', 'isolate', 'disk-full', 'disk-fail', 'slow-10', 'clock-ahead', 'cut-zk1']],
  ['zookeeper-1', ['kill', 'stop', 'pause', 'power-off', 'isolate', 'slow-10', 'clock-behind']],
  ['consumer-dash-1', ['kill', 'stop', 'pause', 'hang', 'commit', 'isolate', 'slow-100']],
  ['partition-trucks_gps-0', ['prefer', 'delete-records', 'grow', 'configs', 'delete-topic']],
];

for (const [thing, entries] of FAULTS) {
  test(`R9: the menu of ${thing} has ${entries.join(', ')}, and each does what its line does`, () =>
    withPage({ path: SANDBOX }, async (playground) => {
      for (const entry of entries) {
        await WAYS.mouse.open(playground, thing);
        const item = playground.at(`menu-${entry}`);
        const line = await item.getAttribute('title');
        await item.click();
        if (entry === 'grow' || entry === 'configs') {
          // These open where words of one's own are needed.
          await playground.key('Escape');
          continue;
        }
        assert.equal((await lines(playground)).at(-1), `$ ${line}`);
        await playground.press('dock-close');
        const before = await playground.stateHash();
        await playground.key('u');
        await playground.until(`${entry} is taken back`, (hash) => {
          return document.querySelector('[data-test="app"]')?.dataset.stateHash !== hash;
        }, before);
      }
    }));
}

test('R10: what a click does, its line typed does too, to the same state', () =>
  withPage({ path: SANDBOX }, async (playground, { page, address }) => {
    await playground.choose('broker-103', 'power-off');
    const line = (await lines(playground)).at(-1);
    const clicked = await playground.stateHash();
    await page.goto('about:blank');
    await page.goto(address + SANDBOX);
    await playground.ready();
    await playground.say(line.slice(2));
    assert.equal(await playground.stateHash(), clicked);
  }));

test('R10: the form of a topic prints kafka-topics.sh, and its describe has Kafka’s columns in their order', () =>
  withPage({ path: SANDBOX }, async (playground) => {
    await playground.press('add-topic');
    await playground.at('field-topic').fill('orders');
    await playground.press('add-min.insync.replicas');
    await playground.at('config-value-topic-0').fill('2');
    await playground.press('form-submit');
    await playground.at('dialog').waitFor({ state: 'detached' });
    assert.equal((await lines(playground)).at(-1),
      '$ kafka-topics.sh --create --topic orders --partitions 3 --replication-factor 3 --config min.insync.replicas=2');
    await playground.say('wait 2s');
    await playground.say('kafka-topics.sh --describe --topic orders');
    const said = await playground.at('terminal').innerText();
    assert.match(said, /Topic: orders\s+TopicId: \S+\s+PartitionCount: 3\s+ReplicationFactor: 3\s+Configs: min\.insync\.replicas=2/);
    assert.match(said, /Topic: orders\s+Partition: 0\s+Leader: \d+\s+Replicas: [\d,]+\s+Isr: [\d,]+/);
    await playground.say('kafka-consumer-groups.sh --describe --group dashboard');
    assert.match(await playground.at('terminal').innerText(),
      /GROUP\s+TOPIC\s+PARTITION\s+CURRENT-OFFSET\s+LOG-END-OFFSET\s+LAG\s+CONSUMER-ID\s+HOST\s+CLIENT-ID/);
  }));

test('Kafka’s tools print their help and their refusals, and Tab completes commands, options, topics and groups', () =>
  withPage({ path: SANDBOX }, async (playground) => {
    await playground.say('wait 4s');
    await playground.say('kafka-get-offsets.sh --topic nope');
    await playground.say('kafka-topics.sh --help');
    const said = await playground.at('terminal').innerText();
    assert.match(said, /Could not match any topic-partitions with the specified filters/);
    assert.match(said, /exit status 1/);
    assert.match(said, /This tool helps to create, delete, describe, or change a topic\./);
    const input = playground.at('command-input');
    for (const [typed, completed] of [
      ['kafka-get', 'kafka-get-offsets.sh '],
      ['kafka-topics.sh --descr', 'kafka-topics.sh --describe '],
      ['kafka-topics.sh --describe --topic truc', 'kafka-topics.sh --describe --topic trucks_gps '],
      ['kafka-consumer-groups.sh --group dash', 'kafka-consumer-groups.sh --group dashboard '],
      ['pow', 'power-off '],
    ]) {
      await input.fill(typed);
      await input.press('Tab');
      assert.equal(await input.inputValue(), completed);
    }
    await input.fill('');
    await input.press('Tab');
    assert.notEqual(await playground.page.evaluate(() => document.activeElement.id), 'command-input',
      'an empty line keeps nobody');
  }));

test('a config out of its range is refused in Kafka’s words beside its field', () =>
  withPage({ path: SANDBOX }, async (playground) => {
    await playground.press('add-topic');
    await playground.press('add-min.insync.replicas');
    await playground.at('config-value-topic-0').fill('0');
    assert.match(await playground.fact('config-error-topic-0'),
      /Invalid value 0 for configuration min\.insync\.replicas: Value must be at least 1/);
    assert.equal(await playground.at('config-value-topic-0').getAttribute('min'), '1');
    await playground.press('add-cleanup.policy');
    await playground.at('config-value-topic-1').fill('shred');
    assert.match(await playground.fact('config-error-topic-1'), /String must be one of: compact, delete/);
  }));

test('what is typed into the form of a consumer is its line, blanks and all, and is refused where it cannot be', () =>
  withPage({ path: SANDBOX }, async (playground) => {
    await playground.press('add-consumer');
    await playground.at('field-group').fill('my readers');
    await playground.at('field-processing').fill('200 ms');
    assert.match(await playground.fact('form-line'), /--group "my readers" --processing "200 ms"$/);
    await playground.press('form-submit');
    assert.match(await playground.fact('error'), /200 ms/);
    await playground.at('field-processing').fill('200ms');
    await playground.press('form-submit');
    assert.match((await lines(playground)).at(-1), /--group 'my readers' --processing 200ms$/);
  }));

test('undo takes a fault back: the state is what it was', () =>
  withPage({ path: SANDBOX }, async (playground) => {
    const before = await playground.stateHash();
    await playground.choose('broker-103', 'disk-fail');
    assert.notEqual(await playground.stateHash(), before);
    await playground.key('u');
    await playground.until('the state is what it was', (hash) => {
      return document.querySelector('[data-test="app"]')?.dataset.stateHash === hash;
    }, before);
  }));

test('the ground has a menu: what can be added', () =>
  withPage({ path: SANDBOX }, async (playground) => {
    await playground.press('ground');
    await playground.press('menu-add-member');
    assert.match((await lines(playground)).at(-1), /consumer consumer-1 --topic trucks_gps --group dashboard/);
  }));
