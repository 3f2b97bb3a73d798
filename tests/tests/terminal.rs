//! Any line of Kafka's tools as a command of the journal: what it prints, its exit status, what it brings about, and
//! that all of it comes again wherever the timeline goes.

use playground_core::command::Command;
use playground_core::ids::NodeId;
use playground_core::machine::Observation;
use playground_core::sim::Genesis;
use playground_core::time::SimTime;
use playground_core::timeline::Timeline;

/// Three brokers and a topic `t` of one partition.
fn stage() -> Timeline {
    let config = vec![("offsets.topic.num.partitions".into(), "1".into())];
    let mut timeline = Timeline::new(Genesis { config, ..Genesis::default() }).expect("the genesis is sound");
    play(&mut timeline, "kafka-topics.sh --create --topic t --replica-assignment 101:102");
    play(&mut timeline, "wait 2s");
    timeline
}

fn play(timeline: &mut Timeline, line: &str) {
    let command = Command::parse(line).unwrap_or_else(|error| panic!("{line}: {error}"));
    timeline.act(command).unwrap_or_else(|error| panic!("{line}: {error}"));
}

/// What tools have printed up to here from the event with this number on, each line behind its tool's process; `!`
/// marks stderr, and the exit status stands behind the last line.
fn printed(timeline: &Timeline, from: usize) -> Vec<String> {
    let here = timeline.position();
    let past = timeline.events().since(from).take_while(|event| event.position <= here);
    past.filter_map(|event| {
        let node = event.node;
        Some(match event.observation {
            Observation::ToolPrinted { stderr, text, .. } => {
                format!("{node}{} {text}", if *stderr { "!" } else { ":" })
            }
            Observation::ToolEnded { status, .. } => format!("{node} = {status}"),
            _ => return None,
        })
    })
    .collect()
}

/// Plays the lines and waits; what was printed.
fn run(timeline: &mut Timeline, line: &str) -> Vec<String> {
    let from = timeline.events().len();
    play(timeline, line);
    play(timeline, "wait 5s");
    printed(timeline, from)
}

#[test]
fn what_a_tool_prints_and_its_exit_status_are_told() {
    let mut timeline = stage();
    for (line, expected) in [
        // Commands that are lines of tools, in the process of the admin client.
        (
            "kafka-topics.sh --create --topic u --partitions 1 --replication-factor 1",
            &["admin: Created topic u.", "admin = 0"][..],
        ),
        (
            "kafka-topics.sh --create --topic t --partitions 1 --replication-factor 1",
            &["admin: Error while executing topic command : Topic 't' already exists.", "admin = 1"],
        ),
        (
            "kafka-leader-election.sh --election-type preferred --topic t --partition 0",
            &["admin: Valid replica already elected for partitions t-0", "admin = 0"],
        ),
        // Other lines, in processes of their own.
        ("kafka-topics.sh --create --topic t --if-not-exists", &["kafka-topics-1 = 0"]),
        ("kafka-topics.sh --delete --topic none --if-exists", &["kafka-topics-2 = 0"]),
        (
            "zookeeper-shell.sh zookeeper-1:2181 create /trucks seven",
            &[
                "zookeeper-shell-3: Connecting to zookeeper-1:2181",
                "zookeeper-shell-3: WATCHER::",
                "zookeeper-shell-3: WatchedEvent state:SyncConnected type:None path:null",
                "zookeeper-shell-3! Created /trucks",
                "zookeeper-shell-3 = 0",
            ],
        ),
        (
            "zookeeper-shell.sh zookeeper-1:2181 set /nothing x",
            &[
                "zookeeper-shell-4: Connecting to zookeeper-1:2181",
                "zookeeper-shell-4: WATCHER::",
                "zookeeper-shell-4: WatchedEvent state:SyncConnected type:None path:null",
                "zookeeper-shell-4! Node does not exist: /nothing",
                "zookeeper-shell-4 = 1",
            ],
        ),
    ] {
        let found: Vec<String> = run(&mut timeline, line).into_iter().filter(|line| !line.ends_with(": ")).collect();
        assert_eq!(found, expected, "{line}");
    }
    let data = |timeline: &Timeline| {
        let tree = timeline.world().zookeeper(1).expect("it runs").tree();
        tree.into_iter().find(|(path, ..)| &***path == "/trucks").map(|(_, data, _)| data.to_string())
    };
    assert_eq!(data(&timeline).as_deref(), Some("seven"));
    run(&mut timeline, "zookeeper-shell.sh zookeeper-1:2181 set /trucks eight");
    assert_eq!(data(&timeline).as_deref(), Some("eight"));
}

#[test]
fn records_that_are_typed_are_read_and_a_group_commits() {
    let mut timeline = stage();
    let produced = run(
        &mut timeline,
        "kafka-console-producer.sh --topic t --property parse.key=true --property key.separator=: <<< $'a:1\\nb:2\\nc:3'",
    );
    assert_eq!(produced, ["kafka-console-producer-1 = 0"]);
    let from = timeline.events().len();
    play(
        &mut timeline,
        "kafka-console-consumer.sh --topic t --group g --from-beginning --property print.key=true --property key.separator=:",
    );
    play(&mut timeline, "wait 10s");
    let reader = "kafka-console-consumer-2";
    let read = |lines: &[&str]| lines.iter().map(|line| format!("{reader}{line}")).collect::<Vec<_>>();
    assert_eq!(printed(&timeline, from), read(&[": a:1", ": b:2", ": c:3"]));
    // It waits for more.
    play(
        &mut timeline,
        "echo d:4 | kafka-console-producer.sh --topic t --property parse.key=true --property key.separator=:",
    );
    play(&mut timeline, "wait 10s");
    let expected =
        [read(&[": a:1", ": b:2", ": c:3"]), vec!["kafka-console-producer-3 = 0".into()], read(&[": d:4"])].concat();
    let mut found = printed(&timeline, from);
    found.sort();
    let mut sorted = expected.clone();
    sorted.sort();
    assert_eq!(found, sorted);
    // Ctrl-C: it leaves the group and says how many.
    let from = timeline.events().len();
    play(&mut timeline, &format!("stop {reader}"));
    play(&mut timeline, "wait 2s");
    assert_eq!(
        printed(&timeline, from),
        [format!("{reader}! Processed a total of 4 messages"), format!("{reader} = 130")]
    );
    assert!(timeline.world().slot(&NodeId::Client(reader.into())).is_none(), "nothing of it stays");
    let looked = timeline.look("kafka-consumer-groups.sh --describe --group g").expect("a look");
    let row = looked.lines.iter().map(|(_, line)| line.split_whitespace().collect::<Vec<_>>().join(" "));
    assert!(row.clone().any(|row| row.starts_with("g t 0 4 4 0 ")), "{:?}", row.collect::<Vec<_>>());
}

#[test]
fn a_console_producer_that_is_given_nothing_reads_what_is_typed() {
    let mut timeline = stage();
    play(&mut timeline, "kafka-console-consumer.sh --topic t --from-beginning");
    play(&mut timeline, "kafka-console-producer.sh --topic t");
    // Typed before the tool has taken its first step: it waits for it.
    play(&mut timeline, "type kafka-console-producer-2 'at once'");
    play(&mut timeline, "wait 3s");
    let from = timeline.events().len();
    for line in ["one", "--two", "it's three"] {
        play(
            &mut timeline,
            &Command::Type { client: "kafka-console-producer-2".into(), text: line.into() }.to_string(),
        );
        play(&mut timeline, "wait 2s");
    }
    play(&mut timeline, "type kafka-console-producer-2 'the last'");
    play(&mut timeline, "stop kafka-console-producer-2");
    play(&mut timeline, "wait 2s");
    let mut found = printed(&timeline, from);
    found.sort();
    let reader = "kafka-console-consumer-1";
    let read = |text: &str| format!("{reader}: {text}");
    let mut expected = vec![
        read("at once"),
        "kafka-console-producer-2 = 130".to_owned(),
        read("one"),
        read("--two"),
        read("it's three"),
        read("the last"),
    ];
    expected.sort();
    assert_eq!(found, expected, "what was typed before Ctrl-C is still sent");
    for tool in ["kafka-console-producer-2", reader, "101"] {
        let typed = Command::Type { client: tool.into(), text: "x".into() };
        let error = timeline.act(typed).expect_err(tool);
        assert_eq!(error.message, format!("there is no tool {tool} that reads what is typed"));
    }
}

#[test]
fn a_tool_can_be_killed_and_then_says_nothing() {
    let mut timeline = stage();
    play(&mut timeline, "kafka-console-consumer.sh --topic t");
    play(&mut timeline, "wait 5s");
    let from = timeline.events().len();
    play(&mut timeline, "kill kafka-console-consumer-1");
    play(&mut timeline, "wait 2s");
    assert_eq!(printed(&timeline, from), ["kafka-console-consumer-1 = 137"]);
    let error = timeline.act(Command::parse("stop kafka-console-consumer-1").expect("a line")).expect_err("it is gone");
    assert!(error.message.starts_with("there is no node kafka-console-consumer-1"), "{error}");
}

#[test]
fn a_tool_that_nobody_answers_ends_when_its_patience_does() {
    let mut timeline = stage();
    for broker in [101, 102, 103] {
        play(&mut timeline, &format!("pause {broker}"));
    }
    let from = timeline.events().len();
    play(&mut timeline, "kafka-topics.sh --create --topic late --if-not-exists");
    play(&mut timeline, "wait 59s");
    assert_eq!(printed(&timeline, from), [""; 0]);
    play(&mut timeline, "wait 3s");
    let found = printed(&timeline, from);
    assert!(
        found[0].starts_with("kafka-topics-1: Error while executing topic command : Timed out waiting for a node"),
        "{found:?}"
    );
    assert_eq!(found.last().map(String::as_str), Some("kafka-topics-1 = 1"));
}

#[test]
fn what_was_printed_comes_again_wherever_the_timeline_goes() {
    let mut timeline = stage();
    let from = timeline.events().len();
    for line in [
        "kafka-console-consumer.sh --topic t --from-beginning",
        "wait 3s",
        "echo one | kafka-console-producer.sh --topic t",
        "wait 3s",
        "kafka-console-producer.sh --topic t <<< $'two\\nthree'",
        "wait 3s",
        "stop kafka-console-consumer-1",
        "wait 3s",
    ] {
        play(&mut timeline, line);
    }
    let (end, hash, all) = (timeline.now(), timeline.state_hash(), printed(&timeline, from));
    assert_eq!(all.len(), 7, "{all:?}");
    let middle = SimTime(end.0 - 7_000_000);
    timeline.seek(middle);
    let half = printed(&timeline, from);
    assert_eq!(half[..], all[..half.len()]);
    assert!(half.len() < all.len() && !half.is_empty());
    timeline.seek(timeline.start());
    assert_eq!(printed(&timeline, from), [""; 0]);
    timeline.seek(end);
    assert_eq!((timeline.state_hash(), printed(&timeline, from)), (hash, all.clone()));
    // A link plays the same again.
    let shared = Timeline::from_share(&timeline.share()).expect("a link");
    assert_eq!(shared.state_hash(), hash);
    assert_eq!(printed(&shared, 0).last(), all.last());
}

#[test]
fn lines_that_change_nothing_are_looks() {
    use playground_core::timeline::looks;
    let timeline = stage();
    for (line, is_look) in [
        ("kafka-topics.sh --list", true),
        ("bin/kafka-topics.sh --describe --topic t", true),
        ("kafka-topics.sh --create --topic u", false),
        ("kafka-topics.sh --create --topic u --if-not-exists", false),
        ("kafka-topics.sh --create --topic u --partitions many", true),
        ("kafka-topics.sh --creat --topic u", true),
        ("kafka-console-producer.sh", true),
        ("kafka-console-producer.sh --topic t", false),
        ("kafka-console-consumer.sh --topic t", false),
        ("zookeeper-shell.sh zookeeper-1:2181 <<< 'set /a b'", false),
        ("kafka-console-consumer.sh --topic t --timeout-ms 500", true),
        ("kafka-delete-records.sh --topic t --partition 0 --offset 1", false),
        ("kafka-delete-records.sh --topic t --partition 0", false),
        ("kill 102", false),
    ] {
        assert_eq!(looks(line), is_look, "{line}");
        assert_eq!(timeline.look(line).is_some(), is_look, "{line}");
    }
    let looked = timeline.look("kafka-topics.sh --creat --topic u").expect("a look");
    assert_eq!((looked.status, &*looked.lines[0].1), (Some(1), "creat is not a recognized option"));
}

#[test]
fn what_is_typed_and_stopped_at_one_moment_is_done_in_that_order() {
    let mut timeline = stage();
    play(&mut timeline, "kafka-console-consumer.sh --topic t --from-beginning");
    play(&mut timeline, "wait 5s");
    play(&mut timeline, "kafka-console-producer.sh --topic t");
    play(&mut timeline, "type kafka-console-producer-2 'at once'");
    play(&mut timeline, "stop kafka-console-producer-2");
    play(&mut timeline, "wait 4s");
    let mut found = printed(&timeline, 0);
    found.retain(|line| !line.starts_with("admin"));
    found.sort();
    assert_eq!(found, ["kafka-console-consumer-1: at once", "kafka-console-producer-2 = 130"]);
}
