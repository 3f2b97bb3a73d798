// Every view of the page: its name, where it begins, and the way there. Whoever adds a tab, a dialog, a kind
// of thing or a panel adds its view here; `axe.test.mjs` looks at all of them and misses those that lack.

import { PHONE } from './harness/browser.mjs';
import { HUNDRED, LARGE } from './scenes.mjs';

export const SANDBOX = '#lesson=sandbox';
const TOUCH = { viewport: PHONE, hasTouch: true, isMobile: true };

/** A cluster that has everything to be looked at: records, transactions, a dead broker, a fault, a refusal. */
const FULL = [
  'producer tx --topic trucks_gps --config transactional.id=tx', 'wait 1s', 'init-transactions tx', 'wait 3s',
  'begin-transaction tx', 'send tx --key K one', 'wait 1s', 'commit-transaction tx', 'wait 2s',
  'kill 102', 'cut 101 103 one-way', 'wait 20s', 'heal 2', 'send truck-A --key truck-A late', 'wait 1s',
];

const say = (...lines) => async (playground) => { for (const line of lines) await playground.say(line); };

/** A thing of the picture; a kind alone is any of its kind, such as `session`. */
const hit = (thing) => (thing.includes('-') ? `[data-test="hit-${thing}"]` : `[data-test^="hit-${thing}-"]`);

/** Selects a thing in the picture; its menu is closed again. */
const select = (thing) => async (playground) => {
  await playground.page.locator(hit(thing)).first().focus();
  await playground.key('Enter');
  if (await playground.at('menu').count()) await playground.key('Escape');
  await playground.at('inspector').waitFor();
};

/** Steps until a message is on its way, and gives its name. */
async function flying(playground) {
  const all = playground.page.locator('[data-test^="hit-message-"]');
  await playground.say('send truck-A --key truck-A now');
  await playground.press('dock-close');
  for (let steps = 0; steps < 60 && (await all.count()) === 0; steps += 1) await playground.press('transport-step');
  return (await all.last().getAttribute('data-test')).slice(4);
}

const state = (panel, more = async () => {}) => async (playground) => {
  await say(...FULL)(playground);
  await playground.press('tab-state');
  await playground.press(`state-${panel}`);
  await more(playground);
};

const why = async (playground) => {
  const questions = playground.page.locator('[data-test^="why-open-"]');
  for (let number = 0; number < (await questions.count()); number += 1) await questions.nth(number).click();
};

const inspected = (thing) => async (playground) => {
  await say(...FULL)(playground);
  await playground.press('dock-close');
  await select(thing)(playground);
  await why(playground);
};

/** The selection of a link: of what the picture has no button for. */
const linked = (key) => ({ path: `${SANDBOX}&sel=${encodeURIComponent(key)}`, lead: async (playground) => {
  await playground.until(`${key} is in the inspector`, (wanted) => {
    return document.querySelector('[data-test="inspector"]')?.dataset.subject === wanted;
  }, key);
} });

const menu = (thing) => async (playground) => {
  await playground.page.locator(hit(thing)).first().click({ button: 'right' });
  await playground.at('menu').waitFor();
};

const form = (open, ...fields) => async (playground) => {
  for (const hook of open) await playground.press(hook);
  await playground.at('dialog').waitFor();
  for (const [hook, value] of fields) {
    if (value === undefined) await playground.press(hook);
    else await playground.at(hook).fill(value);
  }
};

const solve = async (playground, answer) => {
  await playground.answer(answer);
  await playground.hurry();
  await playground.playUntilDecided();
};

const compared = async (playground) => {
  await say('kill 102', 'wait 20s')(playground);
  if (await playground.at('dock-close').isVisible()) await playground.press('dock-close');
  await playground.press('transport-start');
  await say('kill 103', 'wait 20s')(playground);
  await playground.press((await playground.at('panel-branches').isVisible()) ? 'panel-branches' : 'tab-branches');
  await playground.press('compare-0');
  await playground.at('compare').waitFor();
};

const phone = (hook) => ({ options: TOUCH, path: SANDBOX, lead: async (playground) => { await playground.press(hook); } });

/** Kind of view → name → `path`, `options`, `stands`, `lead`; a function alone begins in the sandbox. */
export const VIEWS = {
  lesson: {
    'a question, open': { lead: async () => {} },
    'an answer, picked': { lead: (playground) => playground.press('slot-2') },
    'an answer, locked': { lead: (playground) => playground.answer(2) },
    'an answer, right': { lead: (playground) => solve(playground, 2) },
    'an answer, wrong': { lead: (playground) => solve(playground, 3) },
    'not known': { lead: async (playground) => {
      await playground.press('dont-know');
      await playground.hurry();
      await playground.playUntilDecided();
    } },
    'hints and a goal': { path: '#lesson=losing-a-broker', lead: async (playground) => {
      await playground.answer(1);
      for (let depth = 0; depth < 3; depth += 1) await playground.press('hint');
      await playground.press('solution');
    } },
    'a goal, met': { path: '#lesson=losing-a-broker', lead: async (playground) => {
      await playground.answer(2);
      await playground.choose('broker-102', 'kill');
      await playground.hurry();
      await playground.playUntilDecided();
    } },
    'the sharing of work': { path: '#lesson=sharing-the-work', lead: (playground) => solve(playground, 2) },
    sandbox: async () => {},
    'while time passes': async (playground) => { await playground.play(); },
  },
  tab: {
    'tab-messages': async (playground) => {
      await say('send truck-A --key truck-A x', 'wait 1s')(playground);
      await playground.press('tab-messages');
      await playground.at('message-box').locator('[role="option"]').first().waitFor({ state: 'attached' });
      await playground.press('messages-unfold');
    },
    'tab-charts': async (playground) => { await say(...FULL)(playground); await playground.press('tab-charts'); },
    'the command line beside': async (playground) => {
      await say('help')(playground);
      await playground.press('tab-charts');
      await playground.press('dock-beside');
    },
    'tab-events': async (playground) => {
      await say(...FULL)(playground);
      await playground.press('tab-events');
      await playground.at('event-filter').fill('leader');
    },
    'tab-branches': async (playground) => {
      await say('kill 102', 'wait 5s')(playground);
      await playground.press('transport-start');
      await say('kill 103', 'wait 5s')(playground);
      await playground.press('tab-branches');
      await playground.press('rename-1');
    },
    'tab-terminal': say('help', 'kil 102', 'kafka-topics.sh --describe --topic trucks_gps', 'kill 102'),
    'tab-state': state('ledger'),
  },
  state: {
    'state-ledger': state('ledger', async (playground) => playground.at('ledger-filter').fill('K')),
    'state-promises': state('promises'),
    'state-configs': state('configs', async (playground) => {
      await playground.press('config-differing');
      await playground.at('config-owner').selectOption('Topic trucks_gps');
      await playground.press('change-min.insync.replicas');
      await playground.at('config-edit').fill('0');
    }),
    'state-znodes': state('znodes', async (playground) => { await playground.press('state-znode-/controller'); }),
    'state-internal': state('internal'),
  },
  inspector: {
    legend: async () => {},
    broker: inspected('broker-101'),
    'broker, dead': inspected('broker-102'),
    partition: inspected('partition-trucks_gps-0'),
    replica: inspected('replica-101-trucks_gps-0'),
    producer: inspected('producer-truck-A'),
    consumer: inspected('consumer-dash-1'),
    group: inspected('group-dashboard'),
    zookeeper: inspected('zookeeper-1'),
    session: inspected('session'),
    record: async (playground) => {
      await say(...FULL)(playground);
      await playground.press('tab-state');
      await playground.press('state-ledger');
      await playground.at('ledger').locator('tbody tr').last().getByRole('button').first().click();
      await why(playground);
    },
    message: async (playground) => { await select(await flying(playground))(playground); },
    fault: inspected('fault'),
    topic: linked('topic-trucks_gps'),
    znode: linked('znode-/controller'),
  },
  menu: {
    broker: menu('broker-101'),
    partition: menu('partition-trucks_gps-0'),
    replica: menu('replica-101-trucks_gps-0'),
    producer: menu('producer-truck-A'),
    consumer: menu('consumer-dash-1'),
    group: menu('group-dashboard'),
    zookeeper: menu('zookeeper-1'),
    session: menu('session'),
    fault: async (playground) => { await say('cut 101 103')(playground); await playground.press('dock-close'); await menu('fault')(playground); },
    message: async (playground) => { await menu(await flying(playground))(playground); },
    ground: async (playground) => { await playground.press('ground'); },
  },
  dialog: {
    Help: form(['help']),
    Lessons: form(['lessons']),
    Find: form(['find'], ['find-words', 'replicas']),
    Glossary: form(['lessons', 'glossary']),
    Share: form(['share']),
    CreateTopic: form(['add-topic'], ['add-min.insync.replicas'], ['config-value-topic-0', '0'], ['field-topic', 'a/b'], ['form-submit']),
    AddProducer: form(['add-producer'], ['field-client', 'truck-A'], ['form-submit']),
    AddPartitions: async (playground) => { await menu('partition-trucks_gps-0')(playground); await form(['menu-grow'])(playground); },
    AddConsumer: form(['add-consumer']),
    Send: form(['add-records']),
    'a link that does not open': { path: '#k1~nonsense', lead: async (playground) => { await playground.at('error').waitFor(); } },
  },
  more: {
    'what was done, as a toast': async (playground) => { await playground.choose('broker-103', 'pause'); },
    'two branches side by side': compared,
    'a hundred brokers': { path: HUNDRED, stands: 'broker-state-100', lead: async (playground) => {
      await say(...LARGE)(playground);
      await playground.press('hit-partition-lane-0-11');
    } },
    'a hundred brokers, only what is wrong': { path: HUNDRED, stands: 'broker-state-100', lead: async (playground) => {
      await say(...LARGE)(playground);
      await playground.press('dock-close');
      await playground.press('only-unhealthy');
    } },
  },
  phone: {
    ...Object.fromEntries(['lesson', 'inspector', 'messages', 'charts', 'events', 'branches', 'terminal', 'state'].map((name) => [`panel-${name}`, phone(`panel-${name}`)])),
    'a question, open': { options: TOUCH, lead: async () => {} },
    'a question, right': { options: TOUCH, lead: (playground) => solve(playground, 2) },
    'a thing, inspected': { options: TOUCH, path: SANDBOX, lead: async (playground) => {
      await playground.at('hit-partition-trucks_gps-0').tap();
      if (await playground.at('menu').count()) await playground.key('Escape');
      await playground.press('panel-inspector');
    } },
    'a dialog': { options: TOUCH, path: SANDBOX, lead: form(['add-topic']) },
    'two branches side by side': { options: TOUCH, path: SANDBOX, lead: compared },
  },
};
