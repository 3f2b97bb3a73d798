// Kafka's tools on the command line: what they print stands below their line, as it comes, and goes with the time.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withPage } from './harness/page.mjs';

const SANDBOX = '#lesson=sandbox';
const printed = (playground) => playground.at('terminal').innerText();

test('what a tool prints stands below its line, and goes and comes with the time', () =>
  withPage({ path: SANDBOX }, async (playground) => {
    await playground.say('kafka-topics.sh --create --topic orders --partitions 1 --replication-factor 3');
    assert.doesNotMatch(await printed(playground), /Created topic/);
    assert.match(await playground.fact('time-stands'), /time stands still: Play, Step or the line wait 1s/);
    await playground.say('wait 3s');
    assert.equal(await playground.at('time-stands').count(), 0, 'it has ended');
    assert.match(await printed(playground), /--replication-factor 3\nCreated topic orders\./);
    await playground.press('transport-start');
    assert.doesNotMatch(await printed(playground), /Created topic/);
    await playground.press('transport-end');
    assert.match(await printed(playground), /Created topic orders\./);
  }));

test('the command line stands beside the messages where there is room, and stays there', () =>
  withPage({ path: SANDBOX }, async (playground, { page }) => {
    await playground.press('tab-messages');
    await playground.press('dock-beside');
    await playground.at('message-box').waitFor();
    // The key leads to the line that is there.
    await page.evaluate(() => document.activeElement.blur());
    await playground.key('/');
    await playground.until('the line has the focus', () => document.activeElement.dataset.test === 'command-input');
    await page.keyboard.type('send truck-A --key truck-A beside');
    await playground.key('Enter');
    await playground.say('wait 1s');
    assert.match(await printed(playground), /truck-A beside/);
    assert.equal(await playground.at('tab-messages').getAttribute('aria-selected'), 'true', 'the diagram is open all the same');
    const [left, right] = await page.evaluate(() => ['[data-test="messages"]', '[data-test="terminal"]'].map((one) => document.querySelector(one).getBoundingClientRect().toJSON()));
    assert.ok(left.right <= right.left && Math.abs(left.bottom - right.bottom) < 2, 'side by side');
    // Alone it fills the dock; a narrower window shows one view; the wish is kept.
    await playground.press('tab-terminal');
    assert.equal(await playground.at('terminal').count(), 1);
    await playground.press('tab-events');
    assert.equal(await playground.at('terminal').count(), 1);
    await page.setViewportSize({ width: 1100, height: 720 });
    await playground.until('one view', () => !document.querySelector('[data-test="terminal"]'));
    await page.setViewportSize({ width: 1440, height: 900 });
    await page.reload();
    await playground.ready();
    await playground.press('tab-charts');
    assert.equal(await playground.at('terminal').count(), 1, 'it is remembered');
    await playground.press('dock-beside');
    assert.equal(await playground.at('terminal').count(), 0);
  }));

test('a console consumer prints what a console producer is given, until Ctrl-C', () =>
  withPage({ path: SANDBOX }, async (playground) => {
    assert.equal(await playground.at('tool-stop').count(), 0);
    await playground.say('kafka-console-consumer.sh --topic trucks_gps --group typed --property print.key=true');
    await playground.say('wait 8s');
    await playground.say("bin/kafka-console-producer.sh --topic trucks_gps --property parse.key=true --property key.separator=: <<< 'truck-Z:here'");
    await playground.say('wait 5s');
    assert.match(await printed(playground), /truck-Z\s+here/);
    await playground.say('kafka-consumer-groups.sh --describe --group typed');
    assert.match(await printed(playground), /typed\s+trucks_gps.*console-consumer/);
    // The key does what the button does.
    await playground.at('command-input').press('Control+c');
    await playground.say('wait 3s');
    const said = await printed(playground);
    assert.match(said, /\$ stop kafka-console-consumer-1/);
    assert.match(said, /Processed a total of \d+ messages\nexit status 130/);
    assert.equal(await playground.at('tool-stop').count(), 0);
    // A link of this moment brings the same run back.
    const hash = await playground.stateHash();
    await playground.say('zookeeper-shell.sh zookeeper-1:2181 create /trucks seven');
    await playground.say('wait 1s');
    assert.match(await printed(playground), /Created \/trucks/);
    assert.notEqual(await playground.stateHash(), hash);
  }));

test('a tool that waits is stopped by its button', () =>
  withPage({ path: SANDBOX }, async (playground) => {
    await playground.say('kafka-console-consumer.sh --topic trucks_gps');
    await playground.say('wait 5s');
    await playground.press('tool-stop');
    await playground.say('wait 2s');
    assert.match(await printed(playground), /exit status 130/);
    assert.equal(await playground.at('tool-stop').count(), 0);
  }));

test('a console producer that is given nothing to read takes the lines that are typed', () =>
  withPage({ path: SANDBOX }, async (playground) => {
    await playground.say('kafka-console-consumer.sh --topic trucks_gps --property print.key=true');
    await playground.say('wait 5s');
    await playground.say('kafka-console-producer.sh --topic trucks_gps --property parse.key=true --property key.separator=:');
    await playground.say('truck-Z:typed by hand');
    assert.match(await printed(playground), /\$ type kafka-console-producer-2 'truck-Z:typed by hand'/);
    await playground.press('tool-stop');
    await playground.say('wait 4s');
    const said = await printed(playground);
    assert.match(said, /truck-Z\s+typed by hand/);
    assert.match(said, /key\.separator=:\nexit status 130/);
  }));

test('a tool of Kafka’s that is not there is told from a wrong option', () =>
  withPage({ path: SANDBOX }, async (playground) => {
    await playground.say('kafka-acls.sh --list');
    assert.match(await printed(playground), /kafka-acls\.sh: is not simulated; of Kafka's tools there are kafka-configs\.sh/);
    await playground.say('explode --now');
    assert.match(await printed(playground), /explode: a command is expected, one of /);
  }));
