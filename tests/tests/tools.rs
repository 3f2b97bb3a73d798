//! Lines of Kafka's tools on whole simulated clusters: what they bring about, and in which words they are
//! refused.

use playground_core::admin::AdminOp;
use playground_core::admin::{AdminAnswer, OffsetSpec};
use playground_core::command::Command;
use playground_core::ids::TopicPartition;
use playground_core::machine::Observation;
use playground_core::sim::{Genesis, World};
use playground_core::time::SimDuration;

struct Stage(World);

impl Stage {
    /// Three brokers, a topic `t` of three partitions with ten records in the first.
    fn new() -> Self {
        let config = vec![("offsets.topic.num.partitions".into(), "1".into())];
        let mut stage = Self(World::new(&Genesis { config, ..Genesis::default() }).expect("the genesis is sound"));
        stage.play(
            "kafka-topics.sh --create --topic t --replica-assignment 101:102,102:103,103:101
             wait 2s
             producer p --topic t
             send p --partition 0 --count 10 v
             wait 2s",
        );
        stage
    }

    fn play(&mut self, lines: &str) {
        for line in lines.lines().map(str::trim) {
            let command = Command::parse(line).unwrap_or_else(|error| panic!("{line}: {error}"));
            self.0.execute(&command).unwrap_or_else(|error| panic!("{line}: {error}"));
        }
    }

    /// What the tools have printed since the last look.
    fn printed(&mut self) -> String {
        let observed = self.0.take_observed();
        let printed = observed.iter().filter_map(|one| match &one.observation {
            Observation::ToolPrinted { text, .. } => Some(text.to_string()),
            Observation::ToolEnded { status, .. } if *status != 0 => Some(format!("exit status {status}")),
            _ => None,
        });
        printed.collect::<Vec<_>>().join("\n")
    }

    fn ask(&mut self, op: AdminOp) -> AdminAnswer {
        let ticket = self.0.ask_admin(op);
        let limit = self.0.now() + SimDuration::from_ms(60_000);
        let answered = |world: &World| world.admin().is_some_and(|admin| admin.answer(ticket).is_some());
        assert!(self.0.run_while(limit, answered), "an answer comes");
        self.0.admin().and_then(|admin| admin.answer(ticket)).expect("it came").clone().expect("no refusal")
    }

    fn committed(&mut self) -> String {
        let AdminAnswer::Offsets(offsets) = self.ask(AdminOp::GroupOffsets { group: "g".into() }) else {
            panic!("another answer")
        };
        offsets.iter().map(|(tp, at)| format!("{tp}@{}", at.offset)).collect::<Vec<_>>().join(" ")
    }

    fn replicas(&mut self, partition: usize) -> Vec<i32> {
        let AdminAnswer::Topic(topic) = self.ask(AdminOp::DescribeTopic { topic: "t".into() }) else {
            panic!("another answer")
        };
        topic.partitions[partition].replicas.clone()
    }
}

#[test]
fn offsets_of_a_group_are_reset() {
    let mut stage = Stage::new();
    for (to, expected) in [
        ("t --to-latest", "t-0@10 t-1@0 t-2@0"),
        ("t:0 --to-earliest", "t-0@0 t-1@0 t-2@0"),
        ("t:0 --shift-by 4", "t-0@4 t-1@0 t-2@0"),
        ("t --to-current", "t-0@4 t-1@0 t-2@0"),
        ("t:0 --shift-by -100", "t-0@0 t-1@0 t-2@0"),
        ("t:0,2 --to-offset 7", "t-0@7 t-1@0 t-2@0"),
        ("t:0 --to-offset 1000", "t-0@10 t-1@0 t-2@0"),
    ] {
        stage.play(&format!("kafka-consumer-groups.sh --reset-offsets --group g --topic {to} --execute\nwait 2s"));
        let printed = stage.printed();
        assert!(printed.contains("NEW-OFFSET") && !printed.contains("rror"), "{to}: {printed}");
        assert_eq!(stage.committed(), expected, "{to}");
    }
    stage.play("kafka-consumer-groups.sh --delete-offsets --group g --topic t:1,2\nwait 2s");
    assert!(stage.printed().contains("Request succeed for deleting offsets with topic t:1,2 group g"));
    assert_eq!(stage.committed(), "t-0@10");
    stage.play("kafka-consumer-groups.sh --delete --group g\nwait 2s");
    assert_eq!(stage.committed(), "");
    assert_eq!(stage.printed(), "Deletion of requested consumer groups ('g') was successful.");
}

#[test]
fn an_active_group_is_left_alone() {
    let mut stage = Stage::new();
    stage.play("consumer c --group g --topic t --config auto.offset.reset=earliest\nwait 20s");
    let committed = stage.committed();
    stage.printed();
    for (line, words) in [
        (
            "--reset-offsets --topic t --to-earliest --execute",
            "Error: Assignments can only be reset if the group 'g' is inactive, but the current state is Stable.",
        ),
        ("--delete-offsets --topic t", "Error: Encounter some partition level error"),
        ("--delete", "Error: Deletion of some consumer groups failed:"),
        ("--delete-offsets --topic none", "UnknownTopicOrPartitionException: This server does not host this"),
    ] {
        stage.play(&format!("kafka-consumer-groups.sh --group g {line}\nwait 2s"));
        let printed = stage.printed();
        assert!(printed.contains(words), "{line}: {printed}");
        assert_eq!(stage.committed(), committed, "{line}");
    }
}

#[test]
fn replicas_move_and_moves_are_given_up() {
    let mut stage = Stage::new();
    stage.play(
        "kafka-reassign-partitions.sh --execute --reassignment-json '{\"version\":1,\"partitions\":[{\"topic\":\"t\",\"partition\":0,\"replicas\":[103,101]},{\"topic\":\"t\",\"partition\":1,\"replicas\":[101]}]}'
         wait 5s",
    );
    assert_eq!((stage.replicas(0), stage.replicas(1)), (vec![103, 101], vec![101]));
    assert_eq!(stage.ask(AdminOp::ListReassignments), AdminAnswer::Reassignments(Vec::new()));
    let tp = TopicPartition::new("t", 0);
    let end = stage.ask(AdminOp::ListOffsets { tp, at: OffsetSpec::Latest });
    assert!(matches!(end, AdminAnswer::Offset { offset: 10, .. }), "{end:?}");

    stage.play(
        "pause 102
         kafka-reassign-partitions.sh --execute --topic t --partition 0 --replicas 102
         wait 2s",
    );
    assert_eq!(stage.replicas(0), [102, 103, 101]);
    stage.play(
        "kafka-reassign-partitions.sh --cancel --topic t --partition 0
         wait 2s",
    );
    assert_eq!(stage.replicas(0), [103, 101]);
    let printed = stage.printed();
    for words in [
        "Successfully started partition reassignments for t-0,t-1",
        "Successfully started partition reassignment for t-0",
        "Successfully cancelled partition reassignment for: t-0",
    ] {
        assert!(printed.contains(words), "{words}: {printed}");
    }
    stage.play(
        "kafka-reassign-partitions.sh --cancel --topic t --partition 0
         wait 2s",
    );
    assert!(stage.printed().starts_with("None of the specified partition reassignments are active."));
}

#[test]
fn all_partitions_get_their_preferred_leaders_back() {
    let mut stage = Stage::new();
    stage.play(
        "kill 101
         wait 30s
         start 101
         wait 10s
         kafka-leader-election.sh --election-type preferred --all-topic-partitions
         wait 2s",
    );
    let printed = stage.printed();
    assert!(printed.contains("Successfully completed leader election (PREFERRED) for partitions t-0"), "{printed}");
    let AdminAnswer::Topic(topic) = stage.ask(AdminOp::DescribeTopic { topic: "t".into() }) else {
        panic!("another answer")
    };
    assert_eq!(topic.partitions.iter().map(|partition| partition.leader_id).collect::<Vec<_>>(), [101, 102, 103]);
}
