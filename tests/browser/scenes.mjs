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

/** Scene → the link that it begins with, the fact that says the cluster stands, and the way there. */
export const SCENES = {
  'first-visit': { lead: async () => {} },
  failover: {
    lead: async (playground) => {
      await playground.openLesson('losing-a-broker');
      await playground.answer(2);
      await playground.choose('broker-102', 'kill');
      await playground.hurry();
      await playground.playUntilDecided();
      await playground.press('hit-partition-trucks_gps-1');
      await playground.press('why-open-leader');
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
    lead: async (playground) => {
      await playground.openLesson('sharing-the-work');
      await playground.answer(1);
      await playground.hurry();
      await playground.playUntilDecided();
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
      await typed(playground, [
        'kafka-topics.sh --create --topic trucks_gps --replica-assignment 102:103,103:101 --config min.insync.replicas=1',
        'wait 2s',
        'producer truck-C --topic trucks_gps --config acks=1 --config linger.ms=0',
        'producer truck-D --topic trucks_gps --config acks=1 --config linger.ms=0',
        'send truck-C --key C 1', 'send truck-D --key D 1', 'wait 1s',
      ]);
      const fork = await playground.clock();
      await typed(playground, ['pause 103', 'send truck-C --key C 2', 'send truck-D --key D 2', 'wait 1s', 'kill 102', 'resume 103', 'wait 22s']);
      while ((await playground.clock()) > fork || (await playground.broker(103)) === 'frozen') {
        await playground.page.locator('body').press('ArrowLeft');
      }
      await typed(playground, ['send truck-C --key C 2', 'send truck-D --key D 2', 'wait 1s', 'kill 102', 'wait 22s']);
      await view(playground, 'branches');
      await playground.press('compare-0');
      await playground.at('compare').waitFor();
    },
  },
};

