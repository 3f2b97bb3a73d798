//! An admin client alone on a stage: the test plays the brokers.

use super::{Admin, AdminAnswer, AdminCommand, AdminOp, OffsetSpec};
use crate::ids::{Name, NodeId, TopicPartition, Uuid};
use crate::machine::{Body, Channel, Connection, Ctx, Delivery, Effect, Input, Machine};
use crate::protocol::admin::{TopicResult, TopicsResponse};
use crate::protocol::fetch::ListOffsetsResponse;
use crate::protocol::group::{FindCoordinatorResponse, ListGroupsResponse, OffsetFetchResponse};
use crate::protocol::metadata::{MetadataResponse, PartitionMetadata, TopicMetadata};
use crate::protocol::{ErrorCode, Request, Response};
use crate::rng::Rng;
use crate::time::{SimDuration, SimTime};

struct Stage {
    admin: Admin,
    now: SimTime,
    rng: Rng,
    sent: Vec<(i32, u64, Request)>,
    controller: i32,
    leader: i32,
}

impl Stage {
    fn new() -> Self {
        let admin = Admin::new("admin".into(), vec![101, 102]);
        let (now, rng) = (SimTime::from_ms(1000), Rng::new(5));
        let mut stage = Self { admin, now, rng, sent: Vec::new(), controller: 101, leader: 102 };
        stage.handle(Input::Boot);
        assert!(stage.sent.is_empty(), "a tool that is not used talks to nobody");
        stage
    }

    fn handle(&mut self, input: Input<AdminCommand>) {
        let mut effects = Vec::new();
        let me = NodeId::Client("admin".into());
        self.admin.handle(&mut Ctx::new(self.now, &me, &mut self.rng, &mut effects), input);
        for effect in effects {
            if let Effect::Send { connection, correlation_id, body: Body::Request(request) } = effect {
                self.sent.push((connection.server.broker().expect("a broker"), correlation_id, request));
            }
        }
        assert!(self.admin.next_deadline().is_none_or(|deadline| deadline > self.now));
    }

    fn ask(&mut self, ticket: u64, op: AdminOp) {
        self.handle(Input::Command(AdminCommand { ticket, op, timeout_ms: None }));
    }

    fn connection(broker: i32) -> Connection {
        Connection { client: NodeId::Client("admin".into()), server: NodeId::Broker(broker), channel: Channel::Data }
    }

    fn answer(&mut self, broker: i32, correlation_id: u64, response: Response) {
        let connection = Self::connection(broker);
        self.handle(Input::Deliver(Delivery { connection, correlation_id, body: Body::Response(response) }));
    }

    fn wait(&mut self, ms: u64) {
        let until = self.now + SimDuration::from_ms(ms);
        while let Some(deadline) = self.admin.next_deadline().filter(|deadline| *deadline <= until) {
            self.now = deadline;
            self.handle(Input::Timer);
        }
        self.now = until;
    }

    fn metadata(&self, topics: Option<Vec<Name>>) -> Response {
        let known = |topic| TopicMetadata {
            error: ErrorCode::None,
            topic,
            topic_id: Uuid(1),
            is_internal: false,
            partitions: vec![PartitionMetadata {
                error: ErrorCode::None,
                partition: 0,
                leader_id: self.leader,
                leader_epoch: 0,
                replicas: vec![102],
                isr: vec![102],
                offline_replicas: Vec::new(),
            }],
        };
        let topics = topics.unwrap_or_else(|| vec!["t".into(), "a".into()]).into_iter().map(known).collect();
        Response::Metadata(MetadataResponse {
            brokers: vec![101, 102],
            racks: Vec::new(),
            controller_id: self.controller,
            topics,
        })
    }

    /// Answers metadata and coordinators; gives the next request of another kind.
    fn next(&mut self) -> (i32, u64, Request) {
        for _ in 0..200 {
            while !self.sent.is_empty() {
                let (broker, id, request) = self.sent.remove(0);
                let response = match request {
                    Request::Metadata(request) => self.metadata(request.topics),
                    Request::FindCoordinator(_) => Response::FindCoordinator(FindCoordinatorResponse {
                        error: ErrorCode::None,
                        broker_id: self.leader,
                    }),
                    request => return (broker, id, request),
                };
                self.answer(broker, id, response);
            }
            self.wait(10);
        }
        panic!("nothing is asked");
    }

    fn result(&self, ticket: u64) -> String {
        match self.admin.answer(ticket) {
            Some(Ok(answer)) => format!("{answer:?}"),
            Some(Err(error)) => error.name.to_string(),
            None => "open".into(),
        }
    }
}

fn topics(error: ErrorCode, message: &str) -> Response {
    let result = TopicResult { topic: "t".into(), error, message: message.into() };
    Response::DeleteTopics(TopicsResponse { topics: vec![result] })
}

#[test]
fn finds_the_controller_and_follows_it() {
    let mut stage = Stage::new();
    stage.ask(1, AdminOp::DeleteTopic { topic: "t".into() });
    let (broker, id, request) = stage.next();
    assert_eq!((broker, request.name()), (101, "DeleteTopics"));
    stage.controller = 102;
    stage.answer(broker, id, topics(ErrorCode::NotController, ""));
    let (broker, id, _) = stage.next();
    assert_eq!(broker, 102);
    stage.answer(broker, id, topics(ErrorCode::UnknownTopicOrPartition, ""));
    assert_eq!(stage.result(1), "UNKNOWN_TOPIC_OR_PARTITION");
}

#[test]
fn a_dead_controller_is_given_up_after_a_minute() {
    let mut stage = Stage::new();
    stage.controller = -1;
    stage.ask(1, AdminOp::DeleteTopic { topic: "t".into() });
    for _ in 0..599 {
        while !stage.sent.is_empty() {
            let (broker, id, request) = stage.sent.remove(0);
            assert_eq!(request.name(), "Metadata", "nobody else can be asked");
            let response = stage.metadata(None);
            stage.answer(broker, id, response);
        }
        stage.wait(100);
    }
    assert_eq!(stage.result(1), "open");
    stage.wait(200);
    assert_eq!(stage.result(1), "TimeoutException");
}

#[test]
fn a_broken_connection_is_no_answer() {
    let mut stage = Stage::new();
    stage.ask(1, AdminOp::DeleteTopic { topic: "t".into() });
    let (broker, ..) = stage.next();
    stage.controller = 102;
    stage.handle(Input::ConnectionLost(Stage::connection(broker)));
    let (broker, id, _) = stage.next();
    assert_eq!(broker, 102);
    stage.answer(broker, id, topics(ErrorCode::None, ""));
    assert_eq!(stage.result(1), "Done");
}

#[test]
fn looks_leaders_up_again_when_they_moved() {
    let mut stage = Stage::new();
    let tp = TopicPartition::new("t", 0);
    stage.ask(1, AdminOp::ListOffsets { tp: tp.clone(), at: OffsetSpec::Latest });
    let (broker, id, request) = stage.next();
    assert_eq!((broker, request.name()), (102, "ListOffsets"));
    stage.leader = 101;
    let moved = vec![(tp.clone(), ErrorCode::NotLeaderOrFollower, -1, -1, -1)];
    stage.answer(broker, id, Response::ListOffsets(ListOffsetsResponse { partitions: moved }));
    let (broker, id, _) = stage.next();
    assert_eq!(broker, 101);
    let found = vec![(tp, ErrorCode::None, -1, 12, 3)];
    stage.answer(broker, id, Response::ListOffsets(ListOffsetsResponse { partitions: found }));
    let answer = AdminAnswer::Offset { offset: 12, timestamp_ms: -1, leader_epoch: 3 };
    assert_eq!(stage.admin.answer(1), Some(&Ok(answer)));
}

#[test]
fn asks_the_coordinator_and_waits_while_it_loads() {
    let mut stage = Stage::new();
    stage.ask(1, AdminOp::GroupOffsets { group: "g".into() });
    for error in [ErrorCode::CoordinatorLoadInProgress, ErrorCode::NotCoordinator, ErrorCode::None] {
        let (broker, id, request) = stage.next();
        assert_eq!((broker, request.name()), (102, "OffsetFetch"));
        assert_eq!(stage.result(1), "open");
        stage.answer(broker, id, Response::OffsetFetch(OffsetFetchResponse { error, partitions: Vec::new() }));
    }
    assert_eq!(stage.result(1), "Offsets([])");
}

#[test]
fn lists_the_groups_of_all_brokers() {
    let mut stage = Stage::new();
    stage.ask(1, AdminOp::ListGroups);
    for (expected, group) in [(101, "z"), (102, "a")] {
        let (broker, id, request) = stage.next();
        assert_eq!((broker, request.name()), (expected, "ListGroups"));
        let groups = vec![(group.into(), "consumer".into(), "Stable".into())];
        stage.answer(broker, id, Response::ListGroups(ListGroupsResponse { error: ErrorCode::None, groups }));
    }
    let Some(Ok(AdminAnswer::Groups(groups))) = stage.admin.answer(1) else { panic!("{}", stage.result(1)) };
    assert_eq!(groups.iter().map(|listing| &*listing.group).collect::<Vec<_>>(), ["a", "z"]);
}

#[test]
fn a_call_that_names_no_members_is_refused() {
    let mut stage = Stage::new();
    stage.ask(1, AdminOp::RemoveMembers { group: "g".into(), all: false });
    assert_eq!(stage.result(1), "IllegalArgumentException");
}
