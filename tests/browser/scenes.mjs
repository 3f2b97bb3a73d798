// The scenes of the visual target, led to with the live engine: what a person would press and type.
// `cargo xtask shots` puts each beside its target.

import { PHONE } from './harness/browser.mjs';
import { INCIDENTS } from './incidents.mjs';

const isNarrow = async (playground) => (await playground.page.viewportSize()).width <= PHONE.width;

/** Opens a view of the dock; on the phone these are tabs. */
async function view(playground, name) {
  await playground.press(await isNarrow(playground) ? `panel-${name}` : `tab-${name}`);
}

/** Types the lines and leaves the command line. */
async function typed(playground, lines) {
  for (const line of lines) await playground.say(line);
  if (await playground.at('dock-close').isVisible()) await playground.press('dock-close');
  else if (await playground.at('panel-lesson').isVisible()) await playground.press('panel-lesson');
}

/** Hides lanes of the message diagram, so that those that the scene is about lie close together. */
async function without(playground, names) {
  for (const name of names) await playground.page.getByLabel(`Hide the lane of ${name}`, { exact: true }).dispatchEvent('click');
}

/** The squares show the keys of their records. */
async function keyed(playground) {
  await playground.press('squares-keys');
  // Back to what is the matter.
  await playground.at('question').evaluate((question) => question.scrollIntoView());
}

/** Shows the command line beside the open view, where there is room for both. */
async function beside(playground) {
  const button = playground.at('dock-beside');
  if (await button.isVisible() && await button.getAttribute('aria-pressed') === 'false') await button.click();
}

/** Steps until the cluster's table says so. */
async function untilFact(playground, hook, wanted) {
  for (let steps = 0; steps < 200 && (await playground.fact(hook)).trim() !== wanted; steps += 1) await playground.press('transport-step');
}

/** Steps back to the event before this moment: whatever was commanded in it is not there yet. */
async function backBefore(playground, moment) {
  while ((await playground.clock()) >= moment) await playground.page.locator('body').press('ArrowLeft');
}

const LANES = Array.from({ length: 10 }, (_, topic) => {
  const replicas = (number) => {
    const [first, second] = [1 + (number % 99), 1 + ((number + 7) % 99)];
    // Spread over all topics: 131 and 1000 have no common factor, so this holds for 57 of the thousand.
    return `${first}:${second}:${(number * 131) % 1000 < 57 ? 100 : 1 + ((number + 23) % 99)}`;
  };
  const assignment = Array.from({ length: 100 }, (_, number) => replicas(topic * 100 + number)).join(',');
  return `kafka-topics.sh --create --topic lane-${topic} --replica-assignment ${assignment}`;
});

/** A cluster of a hundred brokers, as a link. */
export const HUNDRED = `#k1&seed=7&lesson=sandbox&brokers=${Array.from({ length: 100 }, (_, number) => number + 1).join(',')}`;

/** A thousand partitions on them; broker 100 follows in 57, and dies. */
export const LARGE = [...LANES, 'wait 3s', 'kill 100', 'wait 25s'];

const TOPICS = [
  'trucks_gps', 'trucks_fuel', 'trucks_doors', 'trucks_temp', 'orders', 'payments', 'invoices', 'refunds', 'stock', 'returns', 'routes', 'tolls',
  'drivers', 'shifts', 'weather', 'traffic', 'alerts', 'audit', 'clicks', 'searches', 'carts', 'emails', 'pushes', 'prices', 'labels',
];

/** Where partition `number` of a thousand lies: 32 have a replica on 115, 22 on 184, orders-23 and two more on both. */
function lies(number) {
  const others = Array.from({ length: 100 }, (_, index) => 101 + index).filter((id) => id !== 115 && id !== 184);
  const [first, second, third] = [0, 7, 23].map((apart) => others[(number + apart) % others.length]);
  // 131 and 1000 have no common factor, so every place is taken once.
  const place = ((number - (4 * 40 + 23) + 1000) * 131 + 54) % 1000;
  if (place < 7) return [115, first, second];
  if (place < 32) return [first, second, 115];
  if (place < 54) return [first, 184, second];
  return place < 57 ? [184, first, 115] : [first, second, third];
}

/** Two brokers of a hundred die one after the other, which explains all 57. */
const TWO_OF_A_HUNDRED = [
  ...TOPICS.map((topic, index) => {
    const assignment = Array.from({ length: 40 }, (_, number) => lies(index * 40 + number).join(':')).join(',');
    return `kafka-topics.sh --create --topic ${topic} --replica-assignment ${assignment} --config min.insync.replicas=2`;
  }),
  'wait 3s', 'producer truck-C --topic orders --config acks=1', 'wait 1s', 'send truck-C --partition 23 --count 71 order', 'wait 4s',
  'kill 115', 'wait 25s', 'send truck-C --partition 23 --count 13 order', 'wait 4s',
  'kill 184', 'wait 25s', 'send truck-C --partition 23 --count 16 order', 'wait 4s',
];

const trucks = (names, config) => names.map((name) => `producer truck-${name} --topic trucks_gps ${config.map((one) => `--config ${one}`).join(' ')}`);

/** 102 leads partition 1 and is killed while truck-C has records for it; 103 has been elected, and is being told. */
const FAILOVER = [
  'kafka-topics.sh --create --topic trucks_gps --replica-assignment 101:102:103,102:103:101,103:101:102', 'wait 2s',
  ...trucks(['A', 'C', 'E'], ['linger.ms=0']),
  'consumer dash-1 --topic trucks_gps --group dashboard', 'consumer dash-2 --topic trucks_gps --group dashboard', 'wait 12s',
  ...['A', 'B', 'A', 'A', 'B', 'A'].map((key) => `send truck-A --partition 0 --key ${key} gps`),
  ...['C', 'D', 'C', 'C', 'D', 'C'].map((key) => `send truck-C --partition 1 --key ${key} gps`),
  ...['E', 'F', 'E', 'E', 'F', 'E'].map((key) => `send truck-E --partition 2 --key ${key} gps`),
  'wait 6s',
  // What these bring is read, and not committed any more: the offsets topic waits for 102.
  'send truck-A --partition 0 --key B gps', 'send truck-A --partition 0 --key A gps', 'send truck-C --partition 1 --key D gps', 'wait 300ms',
  'kill 102', 'wait 200ms', 'send truck-C --partition 1 --key C late', 'send truck-C --partition 1 --key C later',
];

/** Three readers of four partitions, cooperative; the third has just asked to join. */
const COOPERATIVE = '--topic trucks_gps --group dashboard --config partition.assignment.strategy=org.apache.kafka.clients.consumer.CooperativeStickyAssignor';
const REBALANCE = [
  'kafka-topics.sh --create --topic trucks_gps --replica-assignment 101:102:103,102:103:101,103:101:102,101:103:102', 'wait 2s',
  ...trucks(['A'], ['linger.ms=0']),
  `consumer dash-2 ${COOPERATIVE}`, `consumer dash-3 ${COOPERATIVE}`, 'wait 12s',
  ...['G', 'G', 'G', 'G', 'A', 'C', 'D', 'F', 'E', 'H', 'E', 'H', 'B', 'B', 'B', 'B'].map((key, at) => `send truck-A --partition ${Math.floor(at / 4)} --key ${key} gps`),
  'wait 6s', `consumer dash-4 ${COOPERATIVE}`, 'wait 2200ms',
];

/** The leader is cut off with two new records and dies; what becomes of them is up to acks. */
const crash = (acks) => [
  ...trucks(['C', 'D'], [acks, 'linger.ms=0']), 'consumer dash-1 --topic trucks_gps --group dashboard', 'wait 8s',
  ...['C', 'D', 'C', 'C', 'D', 'C', 'D'].map((key) => `send truck-${key} --key ${key} gps`), 'wait 6s',
  'cut 102 101', 'cut 102 103', 'send truck-D --key D crash', 'send truck-C --key C crash', 'wait 200ms',
  'kill 102', 'heal', 'wait 22s', ...['D', 'C'].map((key) => `send truck-${key} --key ${key} after`), 'wait 6s',
  // It comes back with what it wrote while it was cut off.
  'start 102', 'wait 500ms',
];

/** Scene → the link that it begins with, the fact that says the cluster stands, and the way there. */
export const SCENES = {
  'first-visit': { lead: async () => {} },
  failover: {
    start: '#k1&seed=7&lesson=sandbox&zk=3',
    lead: async (playground) => {
      await typed(playground, [...FAILOVER, 'wait 18769ms']);
      await untilFact(playground, 'leader-trucks_gps-1', '103');
      await keyed(playground);
      await playground.say('kafka-topics.sh --describe --topic trucks_gps');
      await playground.press('hit-partition-trucks_gps-1');
      if (!await isNarrow(playground)) await view(playground, 'messages');
      await playground.press('why-open-leader');
      // On a phone the chain of causes stays: its numbers stick in the picture.
      if (await isNarrow(playground)) {
        await playground.press('panel-inspector');
        const chain = playground.page.locator('[data-test="why-leader"] [data-test="why-chain"] > li');
        if (await playground.at('why-leader').getAttribute('open') === null) await playground.press('why-open-leader');
        await chain.last().waitFor({ state: 'visible' });
        return chain.last().evaluate((link) => link.scrollIntoView({ block: 'end' }));
      }
      await beside(playground);
      await without(playground, ['truck-A', 'truck-E', 'dash-1', 'dash-2']);
      // The decisive moment, not the silence before it.
      for (let closer = 0; closer < 7; closer += 1) await playground.press('messages-shorter');
    },
  },
  prediction: {
    lead: async (playground) => {
      await playground.openLesson('losing-a-broker');
      await playground.answer(1);
      await playground.choose('broker-102', 'kill');
      await playground.hurry();
      await playground.playUntilDecided();
      await playground.at('toast').waitFor({ state: 'hidden' });
    },
  },
  divergence: {
    start: '#k1&seed=7&lesson=sandbox',
    lead: async (playground) => {
      await typed(playground, INCIDENTS['divergence-before-truncation'].lines);
      await keyed(playground);
      await playground.press('hit-partition-trucks_gps-0');
      await view(playground, 'messages');
    },
  },
  rebalance: {
    start: '#k1&seed=7&lesson=sandbox',
    lead: async (playground) => {
      await typed(playground, REBALANCE);
      await keyed(playground);
      // A phone has no room for the group's name: its newest member stands for it.
      await playground.press(await isNarrow(playground) ? 'hit-consumer-dash-4' : 'hit-group-dashboard');
      await playground.key('Escape');
      await view(playground, 'messages');
      await without(playground, ['truck-A', '101', '102']);
    },
  },
  scale: {
    start: `#k1&seed=7&lesson=sandbox&brokers=${Array.from({ length: 100 }, (_, index) => 101 + index).join(',')}`,
    stands: 'broker-state-200',
    lead: async (playground) => {
      await typed(playground, TWO_OF_A_HUNDRED);
      await playground.press('hit-partition-orders-23');
      await playground.page.mouse.move(0, 0);
      if (await isNarrow(playground)) return;
      await playground.say('kafka-topics.sh --describe --under-min-isr-partitions');
      await view(playground, 'charts');
      await playground.press('chart-unhealthy');
      await beside(playground);
    },
  },
  compare: {
    start: '#k1&seed=7&lesson=sandbox',
    lead: async (playground) => {
      await typed(playground, ['kafka-topics.sh --create --topic trucks_gps --replica-assignment 102:103:101', 'wait 2s']);
      const fork = await playground.clock();
      await typed(playground, crash('acks=all'));
      await backBefore(playground, fork);
      const early = Math.max(1, Math.floor((fork - (await playground.clock())) / 1000) - 1);
      await typed(playground, [`wait ${early}ms`, ...crash('acks=1')]);
      await keyed(playground);
      await view(playground, 'branches');
      for (const [branch, name] of ['acks=all', 'acks=1'].entries()) {
        await playground.press(`rename-${branch}`);
        await playground.at('branch-name').fill(name);
        await playground.key('Enter');
      }
      await playground.press('compare-0');
      await playground.at('compare').waitFor();
    },
  },
};

