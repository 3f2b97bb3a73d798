//! The one vocabulary of everything that a person does: toolbar, terminal, lessons, links, tests.
//! `parse` and `Display` are inverse. What Kafka has a tool for is written as that tool's line
//! (`kafka-topics.sh --create …`); what it has no tool for gets a short verb (`kill 102`).
//!
//! # Grammar
//! A line is a verb and words; blanks divide words. `'…'` is taken as it is, in `"…"` a backslash
//! escapes `"` and `\`, elsewhere it escapes any character. An unquoted word that begins with `--` is
//! an option, `--name value` or `--name=value`; options and other words may come in any order.
//! `--command-config` and `--admin.config` of Kafka's tools are read and mean nothing in commands of their own; a line
//! of a tool that is none of these, or says by `--bootstrap-server` which broker to ask, is [`Command::Tool`], and the
//! tool reads it as Kafka's does. NODE is a [`NodeRef`], with its kind before it or not: `kill 102`, `kill broker 102`,
//! `pause zookeeper 1`. A duration is a number with its unit: `7us`, `120ms`, `1.5s`, `2m`, `1h`.
//! A list of configs divides at commas; brackets keep a comma (`cleanup.policy=[compact,delete]`).
//! What each command looks like is said at its variant.

mod delete_records_tool;
mod error;
mod group_tool;
mod lexer;
mod options;
mod parse;
mod print;
mod reassign_tool;
#[cfg(test)]
mod tests;
mod tool;
mod tools;
mod transaction;
mod values;
mod work;

pub use error::CommandError;
pub use lexer::split;
pub use tool::{ToolText, tool_text};
pub use tools::PARTITIONS_MAX;
pub use transaction::TransactionVerb;
pub use work::{CommitPlace, Sink, Work};

use crate::ids::{BrokerId, Name, NodeId, TopicPartition};
use crate::protocol::admin::ConfigResource;
use crate::time::SimDuration;

/// A node, named directly or by the role it plays when the command runs.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum NodeRef {
    /// This node: `102`, `zk1`, `truck-1`.
    Node(NodeId),
    /// The broker that leads the partition: `leader(t-0)`.
    LeaderOf(TopicPartition),
    /// The active controller: `controller`.
    Controller,
    /// The broker that coordinates the group: `coordinator(g)`.
    CoordinatorOf(Name),
}

/// How wrong a clock is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ClockSkew {
    /// `+90s`: it shows what is not yet.
    Ahead(SimDuration),
    /// `-90s`: it shows what was.
    Behind(SimDuration),
}

impl ClockSkew {
    /// Milliseconds that it is ahead.
    pub fn ms(self) -> i64 {
        let signed = |span: SimDuration| i64::try_from(span.as_ms()).unwrap_or(i64::MAX);
        match self {
            Self::Ahead(by) => signed(by),
            Self::Behind(by) => -signed(by),
        }
    }
}

/// Where `--reset-offsets` moves the positions of a group.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ResetTo {
    /// `--to-earliest`: the log start offset.
    Earliest,
    /// `--to-latest`: the high watermark.
    Latest,
    /// `--to-current`: what is committed, the high watermark where nothing is.
    Current,
    /// `--to-offset N`
    Offset(i64),
    /// `--shift-by N`: forwards, or backwards if negative.
    ShiftBy(i64),
}

/// What a person can do.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Command {
    /// `kafka-topics.sh --create --topic T --partitions P --replication-factor R [--replica-assignment 101:102,102:103] [--config K=V]…`
    CreateTopic {
        /// Name.
        topic: Name,
        /// Number of partitions; `None` for the broker's `num.partitions`.
        partitions: Option<i32>,
        /// Replicas of each; `None` for `default.replication.factor`.
        replication_factor: Option<i16>,
        /// A hand-made assignment (then the two above are `None`).
        assignment: Option<Vec<Vec<BrokerId>>>,
        /// Topic configs.
        configs: Vec<(Name, Name)>,
    },
    /// `kafka-topics.sh --delete --topic T`
    DeleteTopic {
        /// Name.
        topic: Name,
    },
    /// `kafka-topics.sh --alter --topic T --partitions N [--replica-assignment …]`: the assignment is of the new ones only.
    AddPartitions {
        /// Name.
        topic: Name,
        /// New total.
        partitions: i32,
        /// Of the new partitions.
        assignment: Option<Vec<Vec<BrokerId>>>,
    },
    /// `kafka-configs.sh --alter --entity-type topics --entity-name T --add-config K=V,… --delete-config K,…`;
    /// or `--entity-type brokers` with `--entity-name 101` or `--entity-default`
    AlterConfig {
        /// Whose.
        resource: ConfigResource,
        /// `None` deletes.
        changes: Vec<(Name, Option<Name>)>,
    },
    /// `kafka-leader-election.sh --election-type preferred|unclean (--topic T --partition P | --all-topic-partitions)`
    ElectLeader {
        /// Unclean instead of preferred.
        unclean: bool,
        /// The partition; `None` for all.
        tp: Option<TopicPartition>,
    },
    /// `kafka-reassign-partitions.sh --execute --topic T --partition P --replicas 102,103`, or for several partitions
    /// `--reassignment-json '{"version":1,"partitions":[{"topic":"t","partition":0,"replicas":[102,103]}]}'`
    ReassignPartitions {
        /// Target replicas, the preferred leader first.
        moves: Vec<(TopicPartition, Vec<BrokerId>)>,
    },
    /// `kafka-reassign-partitions.sh --cancel --topic T --partition P`, or with `--reassignment-json`
    CancelReassignments {
        /// Whose moves.
        partitions: Vec<TopicPartition>,
    },
    /// `kafka-delete-records.sh --topic T --partition P --offset O`, or for several partitions
    /// `--offset-json '{"partitions":[{"topic":"t","partition":0,"offset":3}],"version":1}'`; -1 is the high watermark.
    DeleteRecords {
        /// What lies below the offset goes.
        before: Vec<(TopicPartition, i64)>,
    },
    /// `kafka-consumer-groups.sh --delete --group G`
    DeleteGroup {
        /// Group id.
        group: Name,
    },
    /// `kafka-consumer-groups.sh --delete-offsets --group G --topic T[:0,1]`
    DeleteGroupOffsets {
        /// Group id.
        group: Name,
        /// Topic.
        topic: Name,
        /// Its partitions; none for all.
        partitions: Vec<i32>,
    },
    /// `kafka-consumer-groups.sh --reset-offsets --group G --topic T[:0,1] --to-earliest|--to-latest|--to-current|--to-offset N|--shift-by N --execute`
    ResetOffsets {
        /// Group id.
        group: Name,
        /// Topic.
        topic: Name,
        /// Its partitions; none for all.
        partitions: Vec<i32>,
        /// Where to.
        to: ResetTo,
    },
    /// Any other line of one of Kafka's tools: `kafka-console-consumer.sh --topic t --group g`; with what it is given
    /// to read behind it (`<<< 'a:1'`, `<<< $'a:1\nb:2'`) or from `echo` or `printf` before it (`echo a:1 | …`).
    /// It runs in a process of its own, which `stop` ends as Ctrl-C does.
    Tool(ToolText),
    /// `type TOOL LINE`: a tool that reads what a person types, as `kafka-console-producer.sh` does that is given
    /// nothing else to read, gets this line.
    Type {
        /// The tool's process.
        client: Name,
        /// The line, without its end.
        text: Name,
    },
    /// `kill NODE`: the process dies at once (SIGKILL); its disk stays.
    Kill(NodeRef),
    /// `power-off NODE`: like kill, and what was not flushed is lost too.
    PowerOff(NodeRef),
    /// `disk-full NODE [DIR]`: nothing more can be written to a broker's log directory, or to all of them.
    DiskFull {
        /// The broker.
        node: NodeRef,
        /// A directory of its `log.dirs`; `None` for all.
        dir: Option<Name>,
    },
    /// `disk-fail NODE [DIR]`: the disk under a log directory neither reads nor writes.
    DiskFail {
        /// The broker.
        node: NodeRef,
        /// A directory of its `log.dirs`; `None` for all.
        dir: Option<Name>,
    },
    /// `disk-repair NODE [DIR]`: it works again, with what was on it. A broker that took the directory
    /// offline looks at it only when it starts.
    DiskRepair {
        /// The broker.
        node: NodeRef,
        /// A directory of its `log.dirs`; `None` for all.
        dir: Option<Name>,
    },
    /// `stop NODE`: an orderly end (SIGTERM): controlled shutdown of a broker, close of a client.
    Stop(NodeRef),
    /// `start NODE`: starts a dead process on its disk.
    Start(NodeRef),
    /// `pause NODE`: freezes the process (SIGSTOP).
    Pause(NodeRef),
    /// `resume NODE`: lets it go on (SIGCONT).
    Resume(NodeRef),
    /// `cut A B [one-way]`: nothing passes; connections stay open. One-way: A no longer hears B.
    Cut {
        /// One end.
        a: NodeRef,
        /// Other end.
        b: NodeRef,
        /// Only from B to A.
        one_way: bool,
    },
    /// `isolate NODE`: cut from everyone.
    Isolate(NodeRef),
    /// `delay A B 120ms`: messages between them take that much longer.
    Delay {
        /// One end.
        a: NodeRef,
        /// Other end.
        b: NodeRef,
        /// How much longer.
        by: SimDuration,
    },
    /// `drop-connection A B`: all connections between them are reset, once.
    DropConnection {
        /// One end.
        a: NodeRef,
        /// Other end.
        b: NodeRef,
    },
    /// `slow NODE 100`: handling messages and writing to disk take that many times longer; `slow NODE off` ends it.
    Slow {
        /// The node.
        node: NodeRef,
        /// How many times; `None` for as usual.
        factor: Option<u32>,
    },
    /// `clock NODE +90s` or `-90s`: what the process reads as the time of day is wrong by so much, from now on;
    /// its timers are not. `clock NODE off` sets it right.
    Clock {
        /// The node.
        node: NodeRef,
        /// How wrong; `None` for right.
        skew: Option<ClockSkew>,
    },
    /// `hang CONSUMER`: the thread of the application around it is stuck in its own work and calls the consumer
    /// no more; the heartbeat thread goes on. `hang CONSUMER off` ends it.
    Hang {
        /// The consumer.
        client: Name,
        /// It is stuck, or goes on.
        hangs: bool,
    },
    /// `heal` removes all faults, `heal 3` the one with that number.
    Heal(Option<u32>),
    /// `producer NAME [--topic T] [--config K=V]…`
    Producer {
        /// `client.id`.
        client: Name,
        /// Default topic of its `send`s.
        topic: Option<Name>,
        /// Producer configs.
        configs: Vec<(Name, Name)>,
    },
    /// `send PRODUCER [--topic T] [--key K] [--partition P] [--count N] VALUE`: gives records to `send()`.
    /// With a count, values are VALUE0, VALUE1, ….
    Send {
        /// The producer.
        client: Name,
        /// Topic; `None` for the producer's own.
        topic: Option<Name>,
        /// Explicit partition.
        partition: Option<i32>,
        /// Key.
        key: Option<Name>,
        /// Value, or prefix of the values.
        value: Name,
        /// How many; 1 sends the value as it is.
        count: u32,
    },
    /// A call of a transactional producer: `init-transactions PRODUCER`, `begin-transaction PRODUCER`,
    /// `send-offsets PRODUCER CONSUMER`, `commit-transaction PRODUCER`, `abort-transaction PRODUCER`.
    Transaction {
        /// The producer.
        client: Name,
        /// The call.
        call: TransactionVerb,
    },
    /// `kafka-transactions.sh abort --topic T --partition P --start-offset N`: writes an ABORT for the
    /// transaction that begins there, into this one partition.
    AbortHangingTransaction {
        /// The partition.
        tp: TopicPartition,
        /// Where the transaction begins.
        start_offset: i64,
    },
    /// `consumer NAME --topic T[,T2] [--group G] [--config K=V]… [--processing 200ms]
    /// [--commit before|after|async|transaction] [--sink plain|idempotent] [--to T] [--producer-property K=V]…`,
    /// or with `--include REGEX --group G` instead of topics
    Consumer {
        /// `client.id`.
        client: Name,
        /// Group; `None` reads all partitions without group management.
        group: Option<Name>,
        /// Topics.
        topics: Vec<Name>,
        /// Instead of topics: a regular expression for the whole of a topic's name.
        include: Option<Name>,
        /// Consumer configs.
        configs: Vec<(Name, Name)>,
        /// What the application around it does with the records.
        work: Work,
    },
    /// `commit CONSUMER [--async]`: commitSync of the positions, or commitAsync.
    Commit {
        /// The consumer.
        client: Name,
        /// It does not wait for the answer.
        asynchronous: bool,
    },
    /// `seek CONSUMER TOPIC-PARTITION OFFSET`
    Seek {
        /// The consumer.
        client: Name,
        /// The partition.
        tp: TopicPartition,
        /// The next offset to be read.
        offset: i64,
    },
    /// `wait 5s`: lets simulated time pass.
    Wait(SimDuration),
}
