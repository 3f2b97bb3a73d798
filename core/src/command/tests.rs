use proptest::prelude::*;

use super::tool::TOOLS;
use super::{ClockSkew, Command, CommitPlace, NodeRef, ResetTo, Sink, ToolText, TransactionVerb, Work};
use crate::ids::{Name, NodeId, TopicPartition};
use crate::protocol::admin::ConfigResource;
use crate::time::SimDuration;

/// Names with everything that could confuse a reader: blanks, quotes, dashes, other scripts.
fn odd() -> impl Strategy<Value = Name> {
    prop_oneof![
        "[a-z][a-z0-9._-]{0,8}",
        "[ -~]{0,10}",
        "(--|-)[a-z ]{0,5}",
        "['\"\\\\ =,äλ日]{1,6}",
        Just("broker".to_owned()),
        Just("one-way".to_owned())
    ]
    .prop_map(Name::from)
}

fn client() -> impl Strategy<Value = Name> {
    prop_oneof!["[a-wy][a-z0-9._-]{0,8}", Just("broker".to_owned()), Just("client".to_owned())].prop_map(Name::from)
}

fn transaction_verb() -> impl Strategy<Value = TransactionVerb> {
    prop_oneof![
        Just(TransactionVerb::Init),
        Just(TransactionVerb::Begin),
        client().prop_map(TransactionVerb::SendOffsets),
        Just(TransactionVerb::Commit),
        Just(TransactionVerb::Abort),
    ]
}

fn config_name() -> impl Strategy<Value = Name> {
    "[a-z]{1,6}(\\.[a-z]{1,4}){0,2}".prop_map(Name::from)
}

fn tp() -> impl Strategy<Value = TopicPartition> {
    (odd(), 0..2000i32).prop_map(|(topic, partition)| TopicPartition::new(topic, partition))
}

fn node() -> impl Strategy<Value = NodeRef> {
    prop_oneof![
        any::<i32>().prop_map(|id| NodeRef::Node(NodeId::Broker(id))),
        any::<u8>().prop_map(|id| NodeRef::Node(NodeId::ZooKeeper(id))),
        client().prop_map(|name| NodeRef::Node(NodeId::Client(name))),
        Just(NodeRef::Controller),
        tp().prop_map(NodeRef::LeaderOf),
        odd().prop_map(NodeRef::CoordinatorOf),
    ]
}

fn disk() -> impl Strategy<Value = (NodeRef, Option<Name>)> {
    (node(), proptest::option::of(odd()))
}

fn offsets() -> impl Strategy<Value = Vec<(TopicPartition, i64)>> {
    proptest::collection::btree_map(tp(), -1..i64::from(i32::MAX), 1..4).prop_map(|all| all.into_iter().collect())
}

fn assignment() -> impl Strategy<Value = Vec<Vec<i32>>> {
    (1..4usize, 1..5usize).prop_flat_map(|(factor, partitions)| {
        let replicas = proptest::collection::btree_set(0..500i32, factor..=factor)
            .prop_map(|ids| ids.into_iter().rev().collect::<Vec<i32>>());
        proptest::collection::vec(replicas, partitions..=partitions)
    })
}

/// What applications do; results go to Kafka in transactions and nowhere else.
fn work() -> impl Strategy<Value = Work> {
    let place = prop_oneof![
        Just(CommitPlace::Auto),
        Just(CommitPlace::Before),
        Just(CommitPlace::After),
        Just(CommitPlace::Async),
        Just(CommitPlace::Transaction),
    ];
    let sink = prop_oneof![Just(Sink::Plain), Just(Sink::Idempotent)];
    (0..5_000u64, place, sink, odd(), configs()).prop_map(|(ms, commit, sink, to, producer)| {
        let transactional = commit == CommitPlace::Transaction;
        let producer = if transactional { producer } else { Vec::new() };
        let to = transactional.then_some(to);
        Work { processing: SimDuration::from_ms(ms), commit, sink, to, producer }
    })
}

fn configs() -> impl Strategy<Value = Vec<(Name, Name)>> {
    proptest::collection::vec((config_name(), odd()), 0..3)
}

fn changes() -> impl Strategy<Value = Vec<(Name, Option<Name>)>> {
    let added = proptest::collection::vec((config_name(), odd().prop_map(Some)), 0..3);
    let deleted = proptest::collection::vec((config_name(), Just(None)), 0..3);
    (added, deleted).prop_map(|(added, deleted)| [added, deleted].concat()).prop_filter("none", |all| !all.is_empty())
}

fn span() -> impl Strategy<Value = SimDuration> {
    (0..=86_400_000_000u64).prop_map(SimDuration::from_us)
}

/// Partitions, each once.
fn partitions() -> impl Strategy<Value = Vec<TopicPartition>> {
    proptest::collection::btree_set((odd(), 0..50i32), 1..4)
        .prop_map(|all| all.into_iter().map(|(topic, partition)| TopicPartition::new(topic, partition)).collect())
}

/// A topic that does not read as one with partitions.
fn topic() -> impl Strategy<Value = Name> {
    odd().prop_map(|name| Name::from(name.replace(':', "")))
}

/// Lines of kafka-reassign-partitions.sh and kafka-consumer-groups.sh.
fn tools() -> impl Strategy<Value = Command> {
    let replicas = || {
        proptest::collection::btree_set(-3..500i32, 1..4).prop_map(|ids| ids.into_iter().rev().collect::<Vec<i32>>())
    };
    let moves = partitions().prop_flat_map(move |partitions| {
        let count = partitions.len();
        (Just(partitions), proptest::collection::vec(replicas(), count..=count))
            .prop_map(|(partitions, replicas)| partitions.into_iter().zip(replicas).collect())
    });
    let numbers = || proptest::collection::vec(any::<i32>(), 0..3);
    let to = prop_oneof![
        Just(ResetTo::Earliest),
        Just(ResetTo::Latest),
        Just(ResetTo::Current),
        any::<i64>().prop_map(ResetTo::Offset),
        any::<i64>().prop_map(ResetTo::ShiftBy),
    ];
    prop_oneof![
        moves.prop_map(|moves| Command::ReassignPartitions { moves }),
        partitions().prop_map(|partitions| Command::CancelReassignments { partitions }),
        odd().prop_map(|group| Command::DeleteGroup { group }),
        (odd(), topic(), numbers()).prop_map(|(group, topic, partitions)| Command::DeleteGroupOffsets {
            group,
            topic,
            partitions
        }),
        (odd(), topic(), numbers(), to).prop_map(|(group, topic, partitions, to)| Command::ResetOffsets {
            group,
            topic,
            partitions,
            to
        }),
    ]
}

/// A tool and words behind it, some of which a shell would take for its own.
fn tool_words() -> impl Strategy<Value = Vec<Name>> {
    let word = || prop_oneof![odd(), Just(Name::from("<<<")), Just(Name::from("|")), Just(Name::from("--list"))];
    (proptest::sample::select(&TOOLS), proptest::collection::vec(word(), 0..5))
        .prop_map(|(tool, words)| std::iter::once(Name::from(tool)).chain(words).collect())
}

fn command() -> impl Strategy<Value = Command> {
    let create = (odd(), proptest::option::of(1..=10_000i32), proptest::option::of(1..=i16::MAX), configs()).prop_map(
        |(topic, partitions, replication_factor, configs)| Command::CreateTopic {
            topic,
            partitions,
            replication_factor,
            assignment: None,
            configs,
        },
    );
    let by_hand = (odd(), assignment(), configs()).prop_map(|(topic, assignment, configs)| Command::CreateTopic {
        topic,
        partitions: None,
        replication_factor: None,
        assignment: Some(assignment),
        configs,
    });
    let add = (odd(), -5..=10_000i32, proptest::option::of(assignment()))
        .prop_map(|(topic, partitions, assignment)| Command::AddPartitions { topic, partitions, assignment });
    let resource = prop_oneof![
        odd().prop_map(ConfigResource::Topic),
        any::<i32>().prop_map(ConfigResource::Broker),
        Just(ConfigResource::BrokerDefault),
    ];
    let send = (
        client(),
        proptest::option::of(odd()),
        proptest::option::of(any::<i32>()),
        proptest::option::of(odd()),
        odd(),
        1..=100_000u32,
    )
        .prop_map(|(client, topic, partition, key, value, count)| Command::Send {
            client,
            topic,
            partition,
            key,
            value,
            count,
        });
    let consumer = (
        client(),
        proptest::option::of(odd()),
        prop_oneof![
            proptest::collection::vec("[a-z'\" ]{1,6}".prop_map(Name::from), 1..4).prop_map(Ok),
            "[a-z.*|'\" ]{1,8}".prop_map(|include| Err(Name::from(include))),
        ],
        configs(),
        work(),
    )
        .prop_map(|(client, group, read, configs, work)| {
            let (topics, include) = (read.clone().unwrap_or_default(), read.err());
            // Who is in no group commits nothing.
            let work = if group.is_some() { work } else { Work::default() };
            Command::Consumer { client, group, topics, include, configs, work }
        });
    prop_oneof![
        create,
        by_hand,
        add,
        odd().prop_map(|topic| Command::DeleteTopic { topic }),
        (resource, changes()).prop_map(|(resource, changes)| Command::AlterConfig { resource, changes }),
        tools(),
        (any::<bool>(), proptest::option::of(tp())).prop_map(|(unclean, tp)| Command::ElectLeader { unclean, tp }),
        prop_oneof![
            node().prop_map(Command::Kill),
            node().prop_map(Command::PowerOff),
            disk().prop_map(|(node, dir)| Command::DiskFull { node, dir }),
            disk().prop_map(|(node, dir)| Command::DiskFail { node, dir }),
            disk().prop_map(|(node, dir)| Command::DiskRepair { node, dir }),
            offsets().prop_map(|before| Command::DeleteRecords { before }),
            node().prop_map(Command::Stop),
            node().prop_map(Command::Start),
            node().prop_map(Command::Pause),
            node().prop_map(Command::Resume),
            node().prop_map(Command::Isolate),
        ],
        (node(), node(), any::<bool>()).prop_map(|(a, b, one_way)| Command::Cut { a, b, one_way }),
        (node(), node(), span()).prop_map(|(a, b, by)| Command::Delay { a, b, by }),
        (node(), node()).prop_map(|(a, b)| Command::DropConnection { a, b }),
        (node(), proptest::option::of(2..=1_000_000u32)).prop_map(|(node, factor)| Command::Slow { node, factor }),
        (
            node(),
            proptest::option::of(prop_oneof![span().prop_map(ClockSkew::Ahead), span().prop_map(ClockSkew::Behind)])
        )
            .prop_map(|(node, skew)| Command::Clock { node, skew }),
        proptest::option::of(any::<u32>()).prop_map(Command::Heal),
        (client(), proptest::option::of(odd()), configs()).prop_map(|(client, topic, configs)| Command::Producer {
            client,
            topic,
            configs
        }),
        send,
        consumer,
        (client(), any::<bool>()).prop_map(|(client, asynchronous)| Command::Commit { client, asynchronous }),
        (client(), transaction_verb()).prop_map(|(client, call)| Command::Transaction { client, call }),
        (tool_words(), proptest::option::of("[a-c:\n\t'$\\\\]{0,6}")).prop_filter_map(
            "another command",
            |(words, stdin)| {
                let tool = Command::Tool(ToolText { words, stdin: stdin.map(Name::from) });
                Command::parse(&tool.to_string()).ok().filter(|read| matches!(read, Command::Tool(_))).map(|_| tool)
            }
        ),
        (tp(), any::<i64>()).prop_map(|(tp, start_offset)| Command::AbortHangingTransaction { tp, start_offset }),
        (client(), any::<bool>()).prop_map(|(client, hangs)| Command::Hang { client, hangs }),
        (client(), tp(), any::<i64>()).prop_map(|(client, tp, offset)| Command::Seek { client, tp, offset }),
        (client(), odd()).prop_map(|(client, text)| Command::Type { client, text }),
        span().prop_map(Command::Wait),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_printed_is_read_back(command in command()) {
        let text = command.to_string();
        prop_assert_eq!(Command::parse(&text), Ok(command), "{}", text);
    }

    #[test]
    fn any_text_is_read_or_refused(text in "\\PC{0,60}") {
        if let Ok(command) = Command::parse(&text) {
            prop_assert_eq!(Command::parse(&command.to_string()), Ok(command));
        }
    }

    #[test]
    fn any_words_are_read_or_refused(words in proptest::collection::vec(prop_oneof![
        "kafka-(topics|configs|leader-election|reassign-partitions|consumer-groups)\\.sh",
        "--(create|alter|delete|topic|partitions|config|add-config|delete-config|execute|cancel|replicas|group|to-latest)",
        "kill|cut|delay|heal|send|seek|wait|consumer|producer|slow|clock|off", "[0-9]{1,20}", "-[0-9]{1,3}(ms|s|h)?", "[0-9.]{1,9}(ms|s|h|us)",
        "leader\\([a-z0-9-]{0,4}\\)?", "['\"\\\\\\[\\],=:]{1,4}", "t|101:102|a=b|topics|x",
    ], 0..9)) {
        let text = words.join(" ");
        if let Ok(command) = Command::parse(&text) {
            prop_assert_eq!(Command::parse(&command.to_string()), Ok(command), "{}", text);
        }
    }
}

#[test]
fn people_may_write_it_otherwise() {
    for (typed, printed) in [
        ("kill broker 102", "kill 102"),
        ("  pause   zookeeper 1 ", "pause zk1"),
        ("resume producer p1", "resume p1"),
        ("kill 'broker'", "kill 'broker'"),
        ("kill broker", "kill 'broker'"),
        ("stop leader(orders-0)", "stop leader(orders-0)"),
        ("cut broker 101 zookeeper 1 one-way", "cut 101 zk1 one-way"),
        ("heal all", "heal"),
        ("slow broker 101 100", "slow 101 100"),
        ("clock controller -1.5m", "clock controller -90s"),
        ("wait 1.5s", "wait 1500ms"),
        ("wait 2m", "wait 120s"),
        ("send p1 --topic t 'hello world'", "send p1 --topic t 'hello world'"),
        ("send p1 --key \"it's\" v", "send p1 --key 'it'\\''s' v"),
        ("producer p1 --producer-property acks=1", "producer p1 --config acks=1"),
        (
            "kafka-topics.sh --create --topic=t --partitions 3 --replication-factor 2",
            "kafka-topics.sh --create --topic t --partitions 3 --replication-factor 2",
        ),
        (
            "kafka-configs.sh --alter --topic t --add-config cleanup.policy=[compact,delete],a=1",
            "kafka-configs.sh --alter --entity-type topics --entity-name t --add-config cleanup.policy=[compact,delete],a=1",
        ),
        (
            "kafka-configs.sh --alter --broker-defaults --add-config message.max.bytes=200",
            "kafka-configs.sh --alter --entity-type brokers --entity-default --add-config message.max.bytes=200",
        ),
        (
            "kafka-leader-election.sh --election-type PREFERRED --topic t --partition 0",
            "kafka-leader-election.sh --election-type preferred --topic t --partition 0",
        ),
        (
            "kafka-leader-election.sh --all-topic-partitions --election-type unclean",
            "kafka-leader-election.sh --election-type unclean --all-topic-partitions",
        ),
        (
            "kafka-reassign-partitions.sh --execute --additional --reassignment-json '{\"version\": 1, \"partitions\": [{\"topic\": \"t\", \"partition\": 0, \"replicas\": [102, 103], \"log_dirs\": [\"any\", \"any\"]}]}'",
            "kafka-reassign-partitions.sh --execute --topic t --partition 0 --replicas 102,103",
        ),
        (
            "kafka-reassign-partitions.sh --cancel --topic t --partition 0 --replicas 102,103",
            "kafka-reassign-partitions.sh --cancel --topic t --partition 0",
        ),
        (
            "kafka-reassign-partitions.sh --cancel --reassignment-json '{\"version\":1,\"partitions\":[{\"topic\":\"t\",\"partition\":0,\"replicas\":[1]},{\"topic\":\"t\",\"partition\":1,\"replicas\":[1]}]}'",
            "kafka-reassign-partitions.sh --cancel --reassignment-json '{\"version\":1,\"partitions\":[{\"topic\":\"t\",\"partition\":0},{\"topic\":\"t\",\"partition\":1}]}'",
        ),
        ("bin/kafka-topics.sh --create --topic t", "kafka-topics.sh --create --topic t"),
        ("kafka-topics --list", "kafka-topics.sh --list"),
        ("kafka-console-producer.sh --topic t <<< 'a:1'", "kafka-console-producer.sh --topic t <<< a:1"),
        ("kafka-console-producer.sh <<<\"a b\" --topic t", "kafka-console-producer.sh --topic t <<< 'a b'"),
        ("echo a b | kafka-console-producer.sh --topic t", "kafka-console-producer.sh --topic t <<< 'a b'"),
        ("echo -e 'a\\nb' | kafka-console-producer.sh --topic t", "kafka-console-producer.sh --topic t <<< $'a\\nb'"),
        (
            "printf 'a\\nit\\'\\''s\\n' | kafka-console-producer.sh --topic t",
            "kafka-console-producer.sh --topic t <<< $'a\\nit\\'s'",
        ),
        (
            "zookeeper-shell.sh zookeeper-1:2181 set '/a' \"it's\"",
            "zookeeper-shell.sh zookeeper-1:2181 set /a 'it'\\''s'",
        ),
        // Who says which broker to ask, has a tool ask it.
        (
            "kafka-topics.sh --bootstrap-server=broker-101:9092 --create --topic t",
            "kafka-topics.sh --bootstrap-server=broker-101:9092 --create --topic t",
        ),
        (
            "kafka-reassign-partitions.sh --bootstrap-server x --cancel --topic t --partition 0",
            "kafka-reassign-partitions.sh --cancel --topic t --partition 0",
        ),
        ("kafka-topics.sh '--create' --topic t", "kafka-topics.sh --create --topic t"),
        ("kafka-topics.sh --create --topic t --if-not-exists", "kafka-topics.sh --create --topic t --if-not-exists"),
        (
            "kafka-consumer-groups.sh --execute --reset-offsets --to-earliest --group g --topic t:0,1",
            "kafka-consumer-groups.sh --reset-offsets --group g --topic t:0,1 --to-earliest --execute",
        ),
    ] {
        let command = Command::parse(typed).unwrap_or_else(|error| panic!("{typed}: {error}"));
        assert_eq!(command.to_string(), printed);
    }
}

#[test]
fn refusals_name_the_place_and_what_is_expected() {
    for (typed, expected) in [
        ("", "beginning: a command is expected: kafka-configs.sh"),
        ("explode 101", "explode: a command is expected, one of kafka-"),
        ("explode --at once --help", "explode: a command is expected, one of kafka-"),
        ("kafka-acls.sh --list", "kafka-acls.sh: is not simulated; of Kafka's tools there are kafka-configs.sh, "),
        ("kill", "end of kill: a node (a broker's id"),
        ("kill 101 --async", "--async: async is not a recognized option"),
        ("kill 101 102", "102: nothing more is expected after kill"),
        ("send p1 'open", "end of the line: the quote ' is not closed"),
        ("send p1 hello world", "hello: one value is expected; quote a value that has blanks"),
        ("send p1 --colour red v", "--colour: colour is not a recognized option"),
        ("send p1 --count 0 v", "--count: 1 to 100000 records are expected"),
        ("wait 5", "5: a duration with its unit is expected"),
        ("wait 48h", "48h: a duration with its unit is expected"),
        ("slow 101 1", "1: 2 to 1000000 times slower is expected"),
        ("type p", "end of type: what is typed is expected"),
        ("slow 101", "end of slow: how many times slower"),
        ("clock 101 90s", "90s: +90s, -90s or off is expected"),
        ("clock 101 -90", "90: a duration with its unit is expected"),
        ("heal soon", "soon: the number of a fault is expected"),
        ("seek c1 t 5", "t: TOPIC-PARTITION is expected"),
        ("kafka-topics.sh", "kafka-topics.sh: Command must include exactly one action"),
        ("kafka-topics.sh --create --delete --topic t", "kafka-topics.sh: Command must include exactly one action"),
        ("kafka-topics.sh --create", "kafka-topics.sh: Missing required argument \"[topic]\""),
        (
            "kafka-topics.sh --create --topic t --partitions x",
            "--partitions: Cannot parse argument 'x' of option partitions",
        ),
        ("kafka-topics.sh --create --topic t --partitions 0", "--partitions: The partitions must be greater than 0"),
        (
            "kafka-topics.sh --create --topic t --replication-factor 40000",
            "--replication-factor: The replication factor must be between 1 and 32767 inclusive",
        ),
        (
            "kafka-topics.sh --create --topic t --replica-assignment 101 --partitions 2",
            "--replica-assignment: Option \"[replica-assignment]\" can't be used with option \"[partitions]\"",
        ),
        (
            "kafka-topics.sh --create --topic t --replica-assignment 101:101",
            "--replica-assignment: Partition replica lists may not contain duplicate entries: 101",
        ),
        (
            "kafka-topics.sh --create --topic t --config retention.ms",
            "--config: requirement failed: Invalid topic config: all configs to be added must be in the format \"key=val\".",
        ),
        ("kafka-topics.sh --create --topic --partitions 1", "--topic: Option topic requires an argument"),
        ("kafka-topics.sh --create --topic a --topic b", "--topic: Found multiple arguments for option topic"),
        ("kafka-configs.sh --alter", "kafka-configs.sh: At least one entity type must be specified"),
        (
            "kafka-configs.sh --alter --entity-type x --entity-name y",
            "--entity-type: Invalid entity type x, the entity type must be one of topics, clients, users, brokers, ips",
        ),
        ("kafka-leader-election.sh --topic t", "kafka-leader-election.sh: Missing required option(s): election-type"),
        (
            "kafka-leader-election.sh --election-type unclean --all-topic-partitions --topic t",
            "kafka-leader-election.sh: One and only one of the following options is required",
        ),
        ("kafka-reassign-partitions.sh", "kafka-reassign-partitions.sh: Command must include exactly one action"),
        (
            "kafka-reassign-partitions.sh --verify --reassignment-json-file plan.json",
            "plan.json: there are no files here",
        ),
        ("kafka-console-producer.sh --topic t < lines", "<: there are no files and no other programs here"),
        ("kafka-console-producer.sh --topic t <<<", "end of the line: what the tool is given to read is expected"),
        ("kafka-reassign-partitions.sh --execute", "kafka-reassign-partitions.sh: Missing required argument"),
        (
            "kafka-reassign-partitions.sh --execute --topic t --partition 0",
            "kafka-reassign-partitions.sh: Missing required argument \"[replicas]\"",
        ),
        (
            "kafka-reassign-partitions.sh --execute --topic t --partition 0 --replicas 101,101",
            "--reassignment-json: Partition replica lists may not contain duplicate entries: t-0 contains multiple entries for 101",
        ),
        (
            "kafka-reassign-partitions.sh --execute --reassignment-json '{\"version\":1,\"partitions\":[{\"topic\":\"t\",\"partition\":0,\"replicas\":[1]},{\"topic\":\"t\",\"partition\":0,\"replicas\":[2]}]}'",
            "--reassignment-json: Partition reassignment contains duplicate topic partitions: t-0",
        ),
        ("kafka-reassign-partitions.sh --execute --reassignment-json '{'", "--reassignment-json: no JSON"),
        ("kafka-consumer-groups.sh --delete", "kafka-consumer-groups.sh: Missing required argument \"[group]\""),
        (
            "kafka-consumer-groups.sh --reset-offsets --group g --topic t --to-latest",
            "kafka-consumer-groups.sh: No action will be performed as the --execute option is missing.",
        ),
        (
            "kafka-consumer-groups.sh --reset-offsets --group g --topic t --to-latest --to-earliest --execute",
            "kafka-consumer-groups.sh: one of --to-earliest",
        ),
    ] {
        let error = Command::parse(typed).expect_err(typed).to_string();
        assert!(error.starts_with(expected), "{typed}: {error}");
    }
}
