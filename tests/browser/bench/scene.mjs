// The reference scene S as a link: 6 brokers, 30 partitions x RF 3, 10 producers, one of them transactional,
// 3 groups of 4 consumers, a fault every 10 simulated seconds, undone 8 seconds later.

const PRODUCERS = 10;
const GROUPS = 3;
const MEMBERS = 4;
const PARTITIONS = 30;
const BROKERS = [101, 102, 103, 104, 105, 106];
const FAULTS = [
  ['kill 102', 'start 102'],
  ['cut 103 104', 'heal'],
  ['pause 105', 'resume 105'],
  ['stop 106', 'start 106'],
  ['isolate 101', 'heal'],
  ['power-off 104', 'start 104'],
];

/** When the cluster stands for sure, and when everybody has joined, in seconds of simulated time. */
const STANDS = 30;
export const JOINED = 50;

/** "After all events of this moment", where a link has a number of events. */
const ALL = '18446744073709551615';

/** A part of a link. */
const given = (second, line) => `do=${Math.round(second * 1e6)}~${ALL}~${encodeURIComponent(line).replaceAll('%20', '+')}`;

const range = (count) => Array.from({ length: count }, (_, index) => index + 1);

/** What is said before the scene begins. */
function opening() {
  const producers = range(PRODUCERS).map((number) => {
    const more = number === 1 ? ' --config transactional.id=truck-1' : '';
    return `producer truck-${number} --topic trucks_gps --config acks=all --config linger.ms=0${more}`;
  });
  const readers = range(GROUPS).flatMap((group) => range(MEMBERS).map((member) => `consumer reader-${group}-${member} --topic trucks_gps --group group-${group}`));
  return [
    [STANDS, `kafka-topics.sh --create --topic trucks_gps --partitions ${PARTITIONS} --replication-factor 3`],
    ...[...producers, ...readers].map((line) => [STANDS + 5, line]),
    [STANDS + 7, 'init-transactions truck-1'],
  ];
}

/** What is said in `seconds` of the scene; every producer sends ten records a second, in one go each `everyMs`. */
function course(seconds, everyMs) {
  const lines = [];
  for (let second = 0; second < seconds; second += 10) {
    const [breaks, mends] = FAULTS[(second / 10) % FAULTS.length];
    lines.push([JOINED + second + 1, breaks], [JOINED + second + 9, mends]);
  }
  for (let at = 0, round = 0; at < seconds * 1000; at += everyMs, round += 1) {
    const second = JOINED + at / 1000;
    lines.push([second, 'begin-transaction truck-1']);
    for (const number of range(PRODUCERS)) {
      lines.push([second, `send truck-${number} --partition ${(round * 7 + number * 3) % PARTITIONS} --count ${everyMs / 100} at-`]);
    }
    lines.push([second + everyMs / 2000, 'commit-transaction truck-1']);
  }
  return lines;
}

/** A link that says `lines` to a cluster of `brokers` and stands at `end`. */
function link(brokers, config, lines, end) {
  const said = lines.toSorted(([one], [other]) => one - other).filter(([second]) => second < end);
  const genesis = ['k1', 'seed=1', `brokers=${brokers}`, 'lesson=sandbox', `config=${config}`];
  return `#${[...genesis, ...said.map(([second, line]) => given(second, line)), `at=${Math.round(end * 1e6)}~${ALL}`].join('&')}`;
}

/** The scene after `seconds`, and `rest` more in which nothing new is said: a link has at most 5,000 commands. */
export function sceneS({ seconds, everyMs = 1000, rest = 0 }) {
  const config = ['zookeeper.session.timeout.ms:6000', 'transaction.state.log.replication.factor:3', 'offsets.topic.replication.factor:3'];
  return link(BROKERS, config, [...opening(), ...course(seconds, everyMs)], JOINED + seconds + rest);
}

/** 3 brokers, 12 partitions, and producers so far away that hundreds of their records are on their way. */
export function flight() {
  const trucks = range(4).map((number) => `truck-${number}`);
  const lines = [[STANDS, 'kafka-topics.sh --create --topic trucks_gps --partitions 12 --replication-factor 3']];
  for (const truck of trucks) {
    const config = ['acks=all', 'linger.ms=0', 'batch.size=0', 'enable.idempotence=false', 'max.in.flight.requests.per.connection=50'];
    lines.push([STANDS + 5, `producer ${truck} --topic trucks_gps ${config.map((entry) => `--config ${entry}`).join(' ')}`]);
    // So that it knows the leaders.
    lines.push([STANDS + 6, `send ${truck} --partition 0 first`]);
    for (const broker of [101, 102, 103]) lines.push([STANDS + 15, `delay ${truck} ${broker} 2s`]);
    for (const partition of range(12)) lines.push([JOINED, `send ${truck} --partition ${partition - 1} --count 20 at-`]);
  }
  return link([101, 102, 103], [], lines, JOINED + 0.5);
}
