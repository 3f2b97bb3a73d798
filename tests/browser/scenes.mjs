// The scenes of the visual target, led to with the live engine: what a person would press and type.
// `cargo xtask shots` puts each beside its target.

import { PHONE } from './harness/browser.mjs';
import { INCIDENTS } from './incidents.mjs';

/** Opens a view of the dock; on the phone these are tabs. */
async function view(playground, name) {
  const narrow = (await playground.page.viewportSize()).width <= PHONE.width;
  await playground.press(narrow ? `panel-${name}` : `tab-${name}`);
}

/** Types the lines and leaves the command line. */
async function typed(playground, lines) {
  for (const line of lines) await playground.say(line);
  if (await playground.at('dock-close').isVisible()) await playground.press('dock-close');
  else if (await playground.at('panel-lesson').isVisible()) await playground.press('panel-lesson');
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

const trucks = (names, config) => names.map((name) => `producer truck-${name} --topic trucks_gps ${config.map((one) => `--config ${one}`).join(' ')}`);

/** 102 leads partition 1 and is killed while truck-C has records for it; a new leader has just been elected. */
const FAILOVER = [
  'kafka-topics.sh --create --topic trucks_gps --replica-assignment 101:102:103,102:103:101,103:101:102', 'wait 2s',
  ...trucks(['B', 'C', 'E'], ['linger.ms=0']),
  'consumer dash-2 --topic trucks_gps --group dashboard', 'consumer dash-3 --topic trucks_gps --group dashboard', 'wait 12s',
  ...['A', 'B', 'A', 'B', 'B', 'A'].map((key) => `send truck-B --partition 0 --key ${key} gps`),
  ...['C', 'D', 'C', 'C', 'D'].map((key) => `send truck-C --partition 1 --key ${key} gps`),
  ...['E', 'F', 'E', 'E', 'F', 'E'].map((key) => `send truck-E --partition 2 --key ${key} gps`),
  'wait 4s',
  'kill 102', 'wait 200ms', 'send truck-C --partition 1 --key C late', 'send truck-C --partition 1 --key C later',
];

/** Three readers of four partitions, cooperative; the third has just asked to join. */
const COOPERATIVE = '--topic trucks_gps --group dashboard --config partition.assignment.strategy=org.apache.kafka.clients.consumer.CooperativeStickyAssignor';
const REBALANCE = [
  'kafka-topics.sh --create --topic trucks_gps --replica-assignment 101:102:103,102:103:101,103:101:102,101:103:102', 'wait 2s',
  ...trucks(['A'], ['linger.ms=0']),
  `consumer dash-2 ${COOPERATIVE}`, `consumer dash-3 ${COOPERATIVE}`, 'wait 12s',
  ...['G', 'G', 'G', 'G', 'A', 'C', 'D', 'F', 'E', 'H', 'E', 'H', 'B', 'B', 'B', 'B'].map((key, at) => `send truck-A --partition ${Math.floor(at / 4)} --key ${key} gps`),
  'wait 6s', `consumer dash-4 ${COOPERATIVE}`, 'wait 3700ms',
];

/** The leader is cut off with two new records and dies; what becomes of them is up to acks. */
const crash = (acks) => [
  ...trucks(['C', 'D'], [acks, 'linger.ms=0']), 'consumer dash-1 --topic trucks_gps --group dashboard', 'wait 8s',
  ...['C', 'D', 'C', 'C', 'D', 'C', 'D'].map((key) => `send truck-${key} --key ${key} gps`), 'wait 6s',
  'cut 102 101', 'cut 102 103', 'send truck-D --key D crash', 'send truck-C --key C crash', 'wait 200ms',
  'kill 102', 'heal', 'wait 22s', 'start 102', 'wait 8s',
  ...['D', 'C'].map((key) => `send truck-${key} --key ${key} after`), 'wait 6s',
];

/** Scene → the link that it begins with, the fact that says the cluster stands, and the way there. */
export const SCENES = {
  'first-visit': { lead: async () => {} },
  failover: {
    start: '#k1&seed=7&lesson=sandbox&zk=3',
    lead: async (playground) => {
      await typed(playground, [...FAILOVER, 'wait 15s']);
      await untilFact(playground, 'leader-trucks_gps-1', '103');
      await playground.press('hit-partition-trucks_gps-1');
      await playground.press('why-open-leader');
      await playground.say('kafka-topics.sh --describe --topic trucks_gps');
      await view(playground, 'messages');
      await beside(playground);
    },
  },
  prediction: {
    lead: async (playground) => {
      await playground.openLesson('losing-a-broker');
      await playground.answer(1);
      await playground.choose('broker-102', 'kill');
      await playground.hurry();
      await playground.playUntilDecided();
    },
  },
  divergence: {
    start: '#k1&seed=7&lesson=sandbox',
    lead: async (playground) => {
      await typed(playground, INCIDENTS['divergence-before-truncation'].lines);
      await playground.press('hit-partition-trucks_gps-0');
      await view(playground, 'messages');
    },
  },
  rebalance: {
    start: '#k1&seed=7&lesson=sandbox',
    lead: async (playground) => {
      await typed(playground, REBALANCE);
      await playground.press('hit-group-dashboard');
      await view(playground, 'messages');
    },
  },
  scale: {
    start: HUNDRED,
    stands: 'broker-state-100',
    lead: async (playground) => {
      await typed(playground, LARGE);
      await playground.press('hit-partition-lane-1-53');
      await playground.page.mouse.move(0, 0);
    },
  },
  compare: {
    start: '#k1&seed=7&lesson=sandbox',
    lead: async (playground) => {
      await typed(playground, ['kafka-topics.sh --create --topic trucks_gps --replica-assignment 102:103:101', 'wait 2s']);
      const fork = await playground.clock();
      await typed(playground, crash('acks=all'));
      await backBefore(playground, fork);
      await typed(playground, crash('acks=1'));
      await view(playground, 'branches');
      await playground.press('compare-0');
      await playground.at('compare').waitFor();
    },
  },
};

