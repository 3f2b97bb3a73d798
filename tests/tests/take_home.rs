//! Scripts of a run taken home: three of them were played on real brokers, line by line, and printed what they say.

use std::path::Path;

use playground_core::command::Command;
use playground_core::lesson::sources;
use playground_core::sim::Genesis;
use playground_core::take_home::take_home;
use playground_core::timeline::Timeline;
use playground_tests::conformance::plain;
use playground_tests::take_home::{exported, replayed};
use serde_json::Value;

/// Lessons whose scripts `tests/conformance/cases/take-home` has as Kafka answered them.
const RECORDED: [&str; 3] = ["losing-a-broker", "where-a-record-goes", "maintenance-and-a-crash"];

#[test]
fn real_brokers_printed_what_the_scripts_of_three_lessons_say() {
    for id in RECORDED {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("conformance/cases/take-home/{id}.json"));
        let case: Value =
            serde_json::from_str(&std::fs::read_to_string(&path).expect("the recorded case")).expect("a case is JSON");
        let recorded = case["steps"].as_array().expect("its steps");
        let (files, genesis) = exported(id).unwrap_or_else(|wrong| panic!("{id}: {wrong}"));
        let script = replayed(&files.script, &genesis).unwrap_or_else(|wrong| panic!("{id}: {wrong}"));
        let mut compared = 0;
        for (number, (line, was)) in script.iter().zip(recorded).enumerate() {
            let place = format!("{id}, step {}: {was}", number + 1);
            let mut asked = was.clone();
            asked.as_object_mut().expect("a step").remove("result");
            assert_eq!(line.step, asked, "the script is the one that was recorded");
            // Where Kafka's own runs differed, the script may only say what was here.
            let differed = was["result"].get("unstable").is_some();
            if line.step["do"] != "tool" || differed {
                assert!(!differed || line.expected.is_none(), "{place}");
                continue;
            }
            assert_eq!(was["result"]["status"], line.status, "{place}");
            if let Some(expected) = &line.expected {
                let printed: Vec<String> = serde_json::from_value(was["result"]["out"].clone())
                    .unwrap_or_else(|wrong| panic!("{place}: {wrong}"));
                assert_eq!(in_order(printed), in_order(plain(&expected.join("\n"), &[])), "{place}");
                compared += 1;
            }
        }
        assert_eq!(script.len(), recorded.len(), "{id}");
        assert!(compared >= 5, "{id}: only {compared} lines say what to expect");
    }
}

/// Who stands first behind `Isr:` came back first: milliseconds decide between two that start together.
fn in_order(lines: Vec<String>) -> Vec<String> {
    let sorted = |line: String| {
        let Some((before, (isr, after))) = line.split_once("Isr: ").and_then(|(a, b)| Some((a, b.split_once(' ')?)))
        else {
            return line;
        };
        let mut ids: Vec<&str> = isr.split(',').collect();
        ids.sort_unstable();
        format!("{before}Isr: {} {after}", ids.join(","))
    };
    lines.into_iter().map(sorted).collect()
}

#[test]
fn lessons_of_every_chapter_can_be_taken_home() {
    for (id, _) in sources().iter().step_by(3) {
        let (files, genesis) = exported(id).unwrap_or_else(|wrong| panic!("{id}: {wrong}"));
        let said = files.script.lines().filter(|line| line.starts_with("#= ") || line.starts_with("#~ ")).count();
        assert!(said > 0, "{id}: the script says what to expect");
        for broker in &genesis.brokers {
            assert!(files.compose.contains(&format!("  broker-{broker}:\n")), "{id}: broker {broker}");
        }
        let after = files.script.split("# ==== The run").nth(1).unwrap_or_default();
        assert!(
            after.contains("# ---- ") && after.contains("It came true: "),
            "{id}: it says what was asked and what came true"
        );
    }
}

/// The lines that a run's script has behind its beginning.
fn script_of(genesis: Genesis, commands: &[&str]) -> String {
    let mut timeline = Timeline::new(genesis).expect("a cluster");
    for line in commands {
        timeline.act(Command::parse(line).expect(line)).expect(line);
    }
    let script = take_home(&timeline, "A run", &[]).expect("it is short").script;
    script.split("# ==== The run\n").nth(1).expect("the run").to_owned()
}

#[test]
fn what_stands_in_a_file_comes_by_standard_input_however_the_option_is_written() {
    for between in [" ", "="] {
        let json = "{\"partitions\":[{\"topic\":\"t\",\"partition\":0,\"offset\":0}],\"version\":1}";
        let delete =
            format!("kafka-delete-records.sh --bootstrap-server broker-101:9092 --offset-json-file{between}'{json}'");
        let create = "kafka-topics.sh --create --topic t --replica-assignment 101:102";
        let script = script_of(Genesis::default(), &[create, "wait 2s", &delete, "wait 5s"]);
        let expected = format!("--offset-json-file /dev/stdin <<'END'\n{json}\nEND\n");
        assert!(script.contains(&expected), "{between:?}: {script}");
    }
}

#[test]
fn what_is_done_becomes_lines_of_tools_and_of_docker() {
    let script = script_of(
        Genesis::default(),
        &[
            "kafka-topics.sh --create --topic t --replica-assignment 101:102",
            "kafka-reassign-partitions.sh --execute --topic t --partition 0 --replicas 102,103",
            "wait 3s",
            "kafka-delete-records.sh --topic t --partition 0 --offset 0",
            "producer p --topic t --config acks=1",
            "send p --key 'k:1' --count 2 v",
            "send p --key 'k:1' w",
            "consumer c --topic t --group g --config auto.offset.reset=earliest",
            "wait 8s",
            "pause c",
            "cut 101 zk1 one-way",
            "delay 101 102 50ms",
            "wait 500ms",
            "heal",
            "stop controller",
            "wait 20s",
            "start 101",
            "kafka-topics.sh --create --topic t --partitions 1",
            "slow 102 10",
        ],
    );
    for part in [
        "kafka-reassign-partitions.sh --bootstrap-server \"$BOOTSTRAP\" --execute --additional --reassignment-json-file /dev/stdin <<'END'\n{\"version\":1,\"partitions\":[{\"topic\":\"t\",\"partition\":0,\"replicas\":[102,103]}]}\nEND\n",
        "#= Successfully started partition reassignment for t-0\n",
        "kafka-delete-records.sh --bootstrap-server \"$BOOTSTRAP\" --offset-json-file /dev/stdin <<'END'\n",
        "--property 'key.separator=\t' --producer-property client.id=p --producer-property acks=1 <<'END'\nk:1\tv0\nk:1\tv1\nk:1\tw\nEND\n",
        "consumer c /opt/kafka/bin/kafka-console-consumer.sh --bootstrap-server \"$BOOTSTRAP\" --topic t --group g --consumer-property client.id=c --consumer-property auto.offset.reset=earliest\n",
        "kafka-consumer-groups.sh --bootstrap-server \"$BOOTSTRAP\" --describe --group g\n#~ GROUP ",
        "docker pause c\n",
        "net broker-101 iptables -A INPUT -s 172.28.1.1 -j DROP\n",
        "match ip dst 172.28.2.2 flowid 1:2'\n",
        "net broker-101 iptables -D INPUT -s 172.28.1.1 -j DROP\n",
        "net broker-101 sh -c 'tc filter del dev eth0 parent 1: prio 2; ",
        "docker compose stop -t 300 broker-101\n",
        "docker compose start broker-101\nawait broker-101\n",
        "#= exit status 1\n",
        "# (not done here, none of Kafka's tools can: slow 102 10)\n",
    ] {
        assert!(script.contains(part), "{part:?} in\n{script}");
    }
}

/// Each fault is taken back by itself, two links of one broker are slow at once, and a container that starts has a
/// network without rules.
#[test]
fn faults_of_the_network_stand_side_by_side_and_outlive_a_container() {
    let commands = [
        "delay 101 102 200ms",
        "delay 101 103 300ms",
        "cut 101 zk1 one-way",
        "kill 101",
        "isolate 101",
        "heal 1",
        "wait 20s",
        "start 101",
        "heal",
    ];
    let script = script_of(Genesis::default(), &commands);
    let rules: Vec<&str> =
        script.lines().filter(|line| line.starts_with("net ") || line.contains("broker-101")).collect();
    let make = "tc qdisc add dev eth0 root handle 1: prio bands 16 priomap 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 2>/dev/null";
    let slow = |at: &str, to: &str, ms: u64, band: u32| {
        format!(
            "net broker-{at} sh -c '{make}; tc qdisc add dev eth0 parent 1:{band} netem delay {ms}ms && \
             tc filter add dev eth0 parent 1: protocol ip prio {band} u32 match ip dst 172.28.2.{to} flowid 1:{band}'"
        )
    };
    let quick = |at: &str, band: u32| {
        format!(
            "net broker-{at} sh -c 'tc filter del dev eth0 parent 1: prio {band}; tc qdisc del dev eth0 parent 1:{band}'"
        )
    };
    let deaf = |verb: char, whom: &str| format!("net broker-101 iptables -{verb} INPUT {whom} -j DROP");
    let expected = [
        slow("101", "2", 200, 2),
        slow("102", "1", 200, 2),
        slow("101", "3", 300, 3),
        slow("103", "1", 300, 2),
        deaf('A', "-s 172.28.1.1"),
        "docker compose kill broker-101".to_owned(),
        // It has no network while it does not run.
        quick("102", 2),
        "docker compose start broker-101".to_owned(),
        slow("101", "3", 300, 3),
        deaf('A', "-s 172.28.1.1"),
        deaf('A', "! -i lo"),
        "await broker-101".to_owned(),
        quick("101", 3),
        quick("103", 2),
        deaf('D', "-s 172.28.1.1"),
        deaf('D', "! -i lo"),
    ];
    assert_eq!(rules, expected);
}

#[test]
fn a_broker_is_not_awaited_where_it_finds_no_zookeeper_and_a_consumer_starts_with_its_own_program() {
    let genesis = Genesis { zookeeper: 3, ..Genesis::default() };
    let mut timeline = Timeline::new(genesis).expect("a cluster");
    for line in [
        "kill zk2",
        "kill zk3",
        "wait 10s",
        "kill 102",
        "start 102",
        "wait 5s",
        "start zk2",
        "kill 103",
        "wait 20s",
        "start 103",
    ] {
        timeline.act(Command::parse(line).expect(line)).expect(line);
    }
    let files = take_home(&timeline, "A run", &[]).expect("it is short");
    let run = files.script.split("# ==== The run\n").nth(1).expect("the run");
    assert!(!run.contains("await broker-102") && run.contains("await broker-103"), "{run}");
    assert!(files.script.contains(r#"run -d --name "$1" --entrypoint "$2" tools "${@:3}""#), "{}", files.script);
    assert!(files.compose.contains("ZOO_INIT_LIMIT: \"10\"\n      ZOO_SYNC_LIMIT: \"5\"\n"), "{}", files.compose);
}

#[test]
fn chance_is_told_from_what_has_to_be() {
    let script = script_of(
        Genesis::default(),
        &[
            "kafka-topics.sh --create --topic t --replica-assignment 101,102",
            "kafka-topics.sh --create --topic placed --partitions 2 --replication-factor 2",
            "producer p --topic t",
            "send p without-a-key",
            "wait 2s",
        ],
    );
    assert!(script.contains("--describe --topic t\n#= Topic: t"), "{script}");
    assert!(script.contains("kafka-get-offsets.sh --bootstrap-server \"$BOOTSTRAP\" --topic t\n#~ t:0:"), "{script}");
    assert!(script.contains("--describe --topic placed\n#~ Topic: placed"), "{script}");
}

/// What the shell reads as commands: what a tool is given to read is left out.
fn commands_of(script: &str) -> Vec<&str> {
    let mut commands = Vec::new();
    let mut lines = script.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
    while let Some(line) = lines.next() {
        commands.push(line);
        if let Some((_, end)) = line.split_once(" <<'") {
            let end = end.trim_end_matches('\'');
            assert!(lines.by_ref().any(|given| given == end), "{line}: its end is there");
        }
    }
    commands
}

#[test]
fn nothing_that_a_link_brings_along_becomes_a_command_of_the_shell() {
    let script = script_of(
        Genesis::default(),
        &[
            "kafka-topics.sh --create --topic t --replica-assignment 101",
            "producer p --topic t",
            "send p --key k END",
            "send p --key k END_",
            "send p 'reboot'",
            "send p END",
            "send p 'reboot'",
            "send p $'a\\nEND\\nreboot'",
            "send p --key $'k\\nreboot' v",
            "consumer c --topic t --group 'g; reboot'",
            "kafka-console-producer.sh --topic t <<< $'END\\nreboot'",
            "kafka-console-producer.sh --topic '`reboot`' <<< x",
            "wait 2s",
        ],
    );
    for line in commands_of(&script) {
        let known = ["kafka-", "sleep ", "consumer c "].iter().any(|begin| line.starts_with(begin));
        assert!(known, "{line:?} in\n{script}");
        let unquoted: String = line.split('\'').step_by(2).collect();
        assert!(!unquoted.contains("reboot"), "{line:?} in\n{script}");
    }
    assert_eq!(script.matches("not done here").count(), 2, "records of several lines: {script}");
}

#[test]
fn a_tool_that_was_typed_is_in_the_script_as_it_was_typed() {
    let script = script_of(
        Genesis::default(),
        &[
            "kafka-topics.sh --create --topic t --replica-assignment 101",
            "wait 1s",
            "kafka-console-producer.sh --topic t <<< $'a\\nb'",
            "kafka-console-consumer.sh --topic t --from-beginning",
            "wait 3s",
            "stop kafka-console-consumer-2",
        ],
    );
    for part in [
        "kafka-console-producer.sh --bootstrap-server \"$BOOTSTRAP\" --topic t <<'END'\na\nb\nEND\n",
        "consumer kafka-console-consumer-2 /opt/kafka/bin/kafka-console-consumer.sh --bootstrap-server \"$BOOTSTRAP\" --topic t --from-beginning\n",
        "docker stop kafka-console-consumer-2\n",
    ] {
        assert!(script.contains(part), "{part:?} in\n{script}");
    }
}
