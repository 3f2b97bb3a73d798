// Ten incidents of brokers and replication, each as the lines that a person would type in the sandbox.
// `cargo xtask shots` takes their pictures: what is true must be seen at a glance.

const TWO_TRUCKS = [
  'producer truck-C --topic trucks_gps --config acks=1 --config linger.ms=0',
  'producer truck-D --topic trucks_gps --config acks=1 --config linger.ms=0',
];

/** 102 acknowledges two records that 103 never gets, dies, and 103 writes others in their place. */
const TWO_HISTORIES = [
  'kafka-topics.sh --create --topic trucks_gps --replica-assignment 102:103',
  'wait 2s',
  ...TWO_TRUCKS,
  'send truck-C --key C 1', 'send truck-D --key D 1', 'wait 500ms', 'send truck-C --key C 2', 'wait 1s',
  'pause 103',
  'send truck-D --key D lost-1', 'send truck-C --key C lost-2', 'wait 1s',
  'kill 102',
  'resume 103', 'wait 22s',
  'send truck-C --key C new-1', 'send truck-D --key D new-2', 'send truck-D --key D new-3', 'wait 500ms',
  'start 102', 'wait 1s',
];

/** Name of the picture → where the run begins (a link's parts) and what is typed. */
export const INCIDENTS = {
  'divergence-before-truncation': { lines: TWO_HISTORIES },
  'divergence-after-truncation': { lines: [...TWO_HISTORIES, 'wait 2s'] },
  'zombie-leader': {
    lines: [
      'kafka-topics.sh --create --topic trucks_gps --replica-assignment 102:103:101',
      'wait 2s',
      ...TWO_TRUCKS,
      'send truck-C --key C 1', 'send truck-D --key D 1', 'wait 1s',
      'cut 102 101', 'cut 102 103', 'cut 102 zk1', 'wait 19s',
      'send truck-C --key C zombie-1', 'send truck-C --key C zombie-2', 'wait 500ms',
    ],
  },
  'isr-of-one': {
    lines: [
      'kafka-topics.sh --create --topic trucks_gps --replica-assignment 101:102:103,102:103:101 '
        + '--config min.insync.replicas=2',
      'wait 2s',
      'producer truck-C --topic trucks_gps',
      'send truck-C --key C --count 5 gps', 'wait 1s',
      'kill 102', 'kill 103', 'wait 20s',
      'send truck-C --key C refused', 'wait 400ms',
    ],
  },
  'unclean-election': {
    lines: [
      'kafka-topics.sh --create --topic trucks_gps --replica-assignment 101:102',
      'wait 2s',
      'producer truck-C --topic trucks_gps',
      'send truck-C --key C --count 3 gps', 'wait 1s',
      'kill 102', 'wait 20s',
      'send truck-C --key C --count 3 alone', 'wait 1s',
      'kill 101', 'start 102', 'wait 25s',
      'kafka-leader-election.sh --election-type unclean --topic trucks_gps --partition 0', 'wait 1s',
    ],
  },
  'no-leader': {
    lines: [
      'kafka-topics.sh --create --topic trucks_gps --replica-assignment 101:102,102:103',
      'wait 2s',
      'producer truck-C --topic trucks_gps',
      'send truck-C --key C --count 4 gps', 'send truck-C --key A --count 4 gps', 'wait 1s',
      'kill 102', 'wait 20s', 'send truck-C --key C --count 2 alone', 'wait 1s',
      'kill 101', 'start 102', 'wait 25s',
      'send truck-C --key C waits', 'wait 1s',
    ],
  },
  'reassignment-half-way': {
    start: 'brokers=101,102,103,104',
    lines: [
      'kafka-topics.sh --create --topic trucks_gps --replica-assignment 101:102:103,102:103:101',
      'wait 2s',
      'producer truck-C --topic trucks_gps',
      'send truck-C --key C --count 5 gps', 'wait 1s',
      'cut 104 101',
      'kafka-reassign-partitions.sh --execute --topic trucks_gps --partition 0 --replicas 104,102,103',
      'wait 1s',
      'send truck-C --key C --count 2 more', 'wait 1s',
    ],
  },
  'quorum-lost': {
    start: 'zk=3',
    lines: [
      'kafka-topics.sh --create --topic trucks_gps --replica-assignment 101:102:103,102:103:101',
      'wait 2s',
      'producer truck-C --topic trucks_gps --config acks=1',
      'send truck-C --key C --count 3 gps', 'wait 1s',
      'kill zk2', 'kill zk3', 'wait 12s',
      'kill 102', 'wait 25s',
      'send truck-C --key C --count 2 goes-on', 'wait 1s',
    ],
  },
  'controller-dies': {
    lines: [
      'kafka-topics.sh --create --topic trucks_gps --replica-assignment 101:102:103,102:103:101',
      'wait 2s',
      'producer truck-C --topic trucks_gps',
      'send truck-C --key C --count 4 gps', 'wait 1s',
      'kill controller', 'wait 9s',
    ],
  },
  'follower-lags': {
    lines: [
      'kafka-topics.sh --create --topic trucks_gps --replica-assignment 101:102:103',
      'wait 2s',
      'producer truck-C --topic trucks_gps --config acks=1',
      'send truck-C --key C --count 3 gps', 'wait 1s',
      'cut 103 101', 'wait 1s',
      'send truck-C --key C --count 6 gps', 'wait 50s',
    ],
  },
};
