//! A producer alone on a stage: the test plays the brokers.

use super::{Outcome, Producer, ProducerCommand};
use crate::config::ProducerConfig;
use crate::ids::{Name, NodeId, TopicPartition, Uuid};
use crate::machine::{Body, Channel, Connection, Ctx, Delivery, Effect, Input, Machine, Observation};
use crate::protocol::metadata::{MetadataResponse, PartitionMetadata, TopicMetadata};
use crate::protocol::produce::{ProducePartitionResponse, ProduceResponse};
use crate::protocol::producer_id::InitProducerIdResponse;
use crate::protocol::{ErrorCode, Request, Response};
use crate::rng::Rng;
use crate::time::{SimDuration, SimTime};

struct Stage {
    producer: Producer,
    now: SimTime,
    rng: Rng,
    me: NodeId,
    /// Requests that the test has not looked at: server, correlation id, request.
    sent: Vec<(NodeId, u64, Request)>,
    seen: Vec<String>,
    exited: bool,
    /// Partitions of topic `t`, all led by broker 101.
    partitions: i32,
    disconnected: usize,
}

impl Stage {
    fn new(configs: &[(&str, &str)]) -> Self {
        let entries: Vec<(Name, Name)> =
            configs.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
        let config = ProducerConfig::from_entries(&entries).expect("legal configs");
        let mut stage = Self {
            producer: Producer::new("p".into(), vec![101], config),
            now: SimTime::from_ms(1000),
            rng: Rng::new(3),
            me: NodeId::Client("p".into()),
            sent: Vec::new(),
            seen: Vec::new(),
            exited: false,
            partitions: 1,
            disconnected: 0,
        };
        stage.handle(Input::Boot);
        stage
    }

    /// With its metadata, its identity if it wants one, and topic `t` known.
    fn ready(configs: &[(&str, &str)]) -> Self {
        let mut stage = Self::new(configs);
        stage.serve();
        stage.producer.metadata.use_topic(&"t".into(), stage.now);
        stage.handle(Input::Timer);
        stage.serve();
        stage
    }

    fn handle(&mut self, input: Input<ProducerCommand>) {
        let mut effects = Vec::new();
        let mut ctx = Ctx::new(self.now, &self.me, &mut self.rng, &mut effects);
        self.producer.handle(&mut ctx, input);
        for effect in effects {
            match effect {
                Effect::Send { connection, correlation_id, body: Body::Request(request) } => {
                    self.sent.push((connection.server, correlation_id, request));
                }
                Effect::Observe(observation) => self.note(&observation),
                Effect::Exit => self.exited = true,
                Effect::Disconnect(_) => self.disconnected += 1,
                _ => {}
            }
        }
        if let Some(deadline) = self.producer.next_deadline() {
            assert!(deadline > self.now, "a deadline that is due already would ring for ever");
        }
    }

    fn note(&mut self, observation: &Observation) {
        if !matches!(observation, Observation::RecordSent { .. }) {
            self.seen.push(observation.to_string());
        }
    }

    fn send(&mut self, ticket: u64, partition: Option<i32>, values: &[&str]) {
        let records = values.iter().map(|value| (None, Some(Name::from(*value)))).collect();
        let command =
            ProducerCommand::Send { first_ticket: ticket, topic: "t".into(), partition, records, headers: Vec::new() };
        self.handle(Input::Command(command));
    }

    fn answer(&mut self, correlation_id: u64, response: Response) {
        let connection = Connection { client: self.me.clone(), server: NodeId::Broker(101), channel: Channel::Data };
        self.handle(Input::Deliver(Delivery { connection, correlation_id, body: Body::Response(response) }));
    }

    /// Lets time pass; deadlines ring when they are due.
    fn wait(&mut self, ms: u64) {
        let until = self.now + SimDuration::from_ms(ms);
        while let Some(deadline) = self.producer.next_deadline().filter(|deadline| *deadline <= until) {
            self.now = deadline;
            self.handle(Input::Timer);
        }
        self.now = until;
    }

    fn metadata(&self, topics: Option<Vec<Name>>) -> Response {
        let known = |topic: Name| {
            let exists = &*topic == "t";
            let partition = |partition| PartitionMetadata {
                error: ErrorCode::None,
                partition,
                leader_id: 101,
                leader_epoch: 0,
                replicas: vec![101],
                isr: vec![101],
                offline_replicas: Vec::new(),
            };
            TopicMetadata {
                error: if exists { ErrorCode::None } else { ErrorCode::UnknownTopicOrPartition },
                topic,
                topic_id: Uuid(1),
                is_internal: false,
                partitions: if exists { (0..self.partitions).map(partition).collect() } else { Vec::new() },
            }
        };
        let topics = topics.unwrap_or_default().into_iter().map(known).collect();
        Response::Metadata(MetadataResponse { brokers: vec![101], racks: Vec::new(), controller_id: 101, topics })
    }

    /// Answers everything but Produce until nothing else is asked.
    fn serve(&mut self) {
        while let Some(at) = self.sent.iter().position(|(_, _, request)| !matches!(request, Request::Produce(_))) {
            let (_, id, request) = self.sent.remove(at);
            let response = match request {
                Request::Metadata(request) => self.metadata(request.topics),
                _ => Response::InitProducerId(InitProducerIdResponse {
                    error: ErrorCode::None,
                    producer_id: 7,
                    producer_epoch: 0,
                }),
            };
            self.answer(id, response);
        }
    }

    /// Produce requests that are not looked at yet: correlation id, then per batch partition, epoch,
    /// base sequence and values.
    fn produced(&mut self) -> Vec<(u64, Vec<String>)> {
        self.serve();
        let taken = std::mem::take(&mut self.sent);
        let lines = taken.into_iter().filter_map(|(_, id, request)| match request {
            Request::Produce(request) => {
                let batches = request.batches.iter().map(|(tp, batch)| {
                    let values = batch.records.iter().map(|record| record.value.as_deref().unwrap_or(b"null"));
                    let values: Vec<_> = values.map(|value| String::from_utf8_lossy(value).into_owned()).collect();
                    let identity = format!("{}/{}", batch.producer_epoch, batch.base_sequence);
                    format!("{tp} {identity} {}", values.join(","))
                });
                Some((id, batches.collect()))
            }
            _ => None,
        });
        lines.collect()
    }

    /// The only Produce request that is under way.
    fn produced_once(&mut self) -> (u64, Vec<String>) {
        let mut all = self.produced();
        assert_eq!(all.len(), 1, "{all:?}");
        all.remove(0)
    }

    fn settle(&mut self, correlation_id: u64, partition: i32, error: ErrorCode, base_offset: i64) {
        self.settle_with(correlation_id, partition, error, base_offset, None);
    }

    fn settle_with(&mut self, id: u64, partition: i32, error: ErrorCode, base_offset: i64, leader: Option<(i32, i32)>) {
        let tp = TopicPartition::new("t", partition);
        let (record_errors, log_start_offset, current_leader) = (Vec::new(), 0, leader);
        let answer =
            ProducePartitionResponse { tp, error, record_errors, base_offset, log_start_offset, current_leader };
        self.answer(id, Response::Produce(ProduceResponse { partitions: vec![answer] }));
    }

    fn outcome(&self, ticket: u64) -> String {
        match self.producer.outcome(ticket) {
            Some(Outcome::Acked { tp, offset }) => format!("{tp}@{offset}"),
            Some(Outcome::Failed { error, .. }) => error.to_string(),
            None => "open".into(),
        }
    }
}

#[test]
fn begins_with_metadata_and_an_identity() {
    let mut stage = Stage::new(&[]);
    assert!(matches!(stage.sent[..], [(_, _, Request::Metadata(_))]), "{:?}", stage.sent);
    stage.serve();
    assert_eq!((stage.producer.producer_id(), stage.producer.producer_epoch()), (7, 0));
    let mut plain = Stage::new(&[("enable.idempotence", "false")]);
    plain.serve();
    assert_eq!(plain.producer.producer_id(), -1);
}

#[test]
fn sends_at_once_or_lingers_and_gathers() {
    let mut stage = Stage::ready(&[]);
    stage.send(1, None, &["a"]);
    let (id, batches) = stage.produced_once();
    assert_eq!(batches, ["t-0 0/0 a"]);
    stage.settle(id, 0, ErrorCode::None, 5);
    assert_eq!(stage.outcome(1), "t-0@5");

    let mut stage = Stage::ready(&[("linger.ms", "100")]);
    stage.send(1, None, &["a"]);
    stage.wait(60);
    stage.send(2, None, &["b"]);
    stage.wait(39);
    assert_eq!(stage.produced(), []);
    assert_eq!(stage.producer.waiting().len(), 2);
    stage.wait(1);
    assert_eq!(stage.produced_once().1, ["t-0 0/0 a,b"]);
    assert_eq!((stage.producer.waiting().len(), stage.producer.in_flight()), (0, 2));
}

#[test]
fn a_full_batch_does_not_linger() {
    let mut stage = Stage::ready(&[("linger.ms", "100"), ("batch.size", "120")]);
    stage.send(1, None, &["aaaaaaaaaaaaaaaaaaaa", "bbbbbbbbbbbbbbbbbbbb", "cccccccccccccccccccc"]);
    assert_eq!(stage.produced_once().1, ["t-0 0/0 aaaaaaaaaaaaaaaaaaaa,bbbbbbbbbbbbbbbbbbbb"]);
    stage.wait(100);
    assert_eq!(stage.produced_once().1, ["t-0 0/2 cccccccccccccccccccc"]);
}

#[test]
fn retries_in_the_order_of_sequences() {
    let mut stage = Stage::ready(&[]);
    for (ticket, value) in [(1, "a"), (2, "b"), (3, "c")] {
        stage.send(ticket, None, &[value]);
    }
    let ids: Vec<u64> = stage.produced().into_iter().map(|(id, _)| id).collect();
    assert_eq!(ids.len(), 3, "up to five requests in flight");
    stage.settle(ids[0], 0, ErrorCode::NotEnoughReplicas, -1);
    stage.settle(ids[1], 0, ErrorCode::OutOfOrderSequenceNumber, -1);
    stage.settle(ids[2], 0, ErrorCode::OutOfOrderSequenceNumber, -1);
    assert_eq!(stage.produced(), [], "back-off");
    stage.wait(130);
    // One at a time now: the next only after the one before it has its result.
    for (value, sequence) in [("a", 0), ("b", 1), ("c", 2)] {
        let (id, batches) = stage.produced_once();
        assert_eq!(batches, [format!("t-0 0/{sequence} {value}")]);
        stage.settle(id, 0, ErrorCode::None, sequence);
    }
    assert_eq!([1, 2, 3].map(|ticket| stage.outcome(ticket)), ["t-0@0", "t-0@1", "t-0@2"]);
    assert_eq!(stage.producer.producer_epoch(), 0);
}

#[test]
fn a_lost_answer_is_asked_for_again_under_the_same_sequence() {
    let mut stage = Stage::ready(&[("request.timeout.ms", "2000"), ("delivery.timeout.ms", "9000")]);
    stage.send(1, None, &["a"]);
    let (first, _) = stage.produced_once();
    stage.wait(2000);
    assert_eq!(stage.disconnected, 0, "the broker's own REQUEST_TIMED_OUT would still be heard");
    stage.wait(2);
    assert_eq!(stage.disconnected, 1, "the connection is given up");
    stage.wait(200);
    stage.serve();
    stage.wait(200);
    let (second, batches) = stage.produced_once();
    assert_eq!(batches, ["t-0 0/0 a"]);
    stage.settle(first, 0, ErrorCode::None, 3);
    assert_eq!(stage.outcome(1), "open", "the old connection's answer is not heard");
    stage.settle(second, 0, ErrorCode::DuplicateSequenceNumber, 3);
    assert_eq!(stage.outcome(1), "t-0@3");
}

#[test]
fn a_sent_batch_that_expires_raises_the_epoch() {
    let mut stage = Stage::ready(&[("request.timeout.ms", "1000"), ("delivery.timeout.ms", "2500")]);
    stage.send(1, None, &["a"]);
    let (id, _) = stage.produced_once();
    stage.settle(id, 0, ErrorCode::NotEnoughReplicas, -1);
    stage.wait(200);
    let (id, _) = stage.produced_once();
    stage.send(2, None, &["b"]);
    let (other, batches) = stage.produced_once();
    assert_eq!(batches, ["t-0 0/1 b"]);
    stage.settle(id, 0, ErrorCode::NotEnoughReplicas, -1);
    stage.settle(other, 0, ErrorCode::OutOfOrderSequenceNumber, -1);
    // The brokers are silent from here on: a expires first, and b's turn comes.
    stage.wait(2350);
    assert_eq!(stage.outcome(1), "TimeoutException");
    stage.wait(300);
    assert_eq!([1, 2].map(|ticket| stage.outcome(ticket)), ["TimeoutException", "TimeoutException"]);
    assert_eq!(stage.producer.producer_epoch(), 1, "{:?}", stage.seen);
    stage.serve();
    stage.wait(1200);
    stage.produced();
    stage.send(3, None, &["c"]);
    let (id, batches) = stage.produced_once();
    assert_eq!(batches, ["t-0 1/0 c"]);
    stage.settle(id, 0, ErrorCode::None, 1);
    assert_eq!(stage.outcome(3), "t-0@1");
}

#[test]
fn a_gap_raises_the_epoch_and_numbers_anew() {
    let mut stage = Stage::ready(&[]);
    stage.send(1, None, &["a"]);
    let (id, _) = stage.produced_once();
    stage.settle(id, 0, ErrorCode::OutOfOrderSequenceNumber, -1);
    assert_eq!(stage.producer.producer_epoch(), 1);
    stage.wait(130);
    assert_eq!(stage.produced_once().1, ["t-0 1/0 a"]);
}

#[test]
fn a_refusal_for_good_raises_the_epoch() {
    let mut stage = Stage::ready(&[]);
    stage.send(1, None, &["a"]);
    let (id, _) = stage.produced_once();
    stage.settle(id, 0, ErrorCode::MessageTooLarge, -1);
    assert_eq!(stage.outcome(1), "MESSAGE_TOO_LARGE");
    stage.send(2, None, &["b"]);
    assert_eq!(stage.produced_once().1, ["t-0 1/0 b"]);
}

#[test]
fn a_batch_that_is_too_large_is_divided() {
    let mut stage = Stage::ready(&[("linger.ms", "10"), ("batch.size", "500")]);
    stage.send(1, None, &["a", "b", "c", "d"]);
    stage.wait(10);
    let (id, _) = stage.produced_once();
    // As if batch.size had been smaller: a part holds what its own buffer takes.
    stage.producer.config.batch_size = 80;
    stage.settle(id, 0, ErrorCode::MessageTooLarge, -1);
    let mut sequences = Vec::new();
    for offset in [0, 3] {
        let (id, batches) = stage.produced_once();
        sequences.extend(batches);
        stage.settle(id, 0, ErrorCode::None, offset);
    }
    assert_eq!(sequences, ["t-0 0/0 a,b,c", "t-0 0/3 d"]);
    assert_eq!([1, 2, 3, 4].map(|ticket| stage.outcome(ticket)), ["t-0@0", "t-0@1", "t-0@2", "t-0@3"]);
}

#[test]
fn without_answers_nobody_knows() {
    let mut stage = Stage::ready(&[("acks", "0")]);
    stage.send(1, None, &["a"]);
    assert_eq!(stage.produced_once().1, ["t-0 -1/-1 a"]);
    assert_eq!(stage.outcome(1), "t-0@-1");
}

#[test]
fn retries_are_counted_where_they_are_limited() {
    let mut stage = Stage::ready(&[("retries", "1"), ("enable.idempotence", "false")]);
    stage.send(1, None, &["a"]);
    for _ in 0..2 {
        let (id, _) = stage.produced_once();
        stage.settle(id, 0, ErrorCode::NotEnoughReplicas, -1);
        stage.wait(130);
    }
    assert_eq!(stage.outcome(1), "NOT_ENOUGH_REPLICAS");
    assert_eq!(stage.producer.last_error().as_deref(), Some("NOT_ENOUGH_REPLICAS"));
}

#[test]
fn one_request_in_flight_keeps_the_order_without_sequences() {
    let configs = [("max.in.flight.requests.per.connection", "1"), ("enable.idempotence", "false"), ("acks", "1")];
    let mut stage = Stage::ready(&configs);
    stage.send(1, None, &["a"]);
    let (id, _) = stage.produced_once();
    stage.send(2, None, &["b"]);
    assert_eq!(stage.produced(), []);
    stage.settle(id, 0, ErrorCode::NotLeaderOrFollower, -1);
    stage.wait(150);
    let (id, batches) = stage.produced_once();
    assert_eq!(batches, ["t-0 -1/-1 a"]);
    stage.settle(id, 0, ErrorCode::None, 0);
    assert_eq!(stage.produced_once().1, ["t-0 -1/-1 b"]);
}

#[test]
fn one_request_carries_a_batch_of_each_partition() {
    let mut stage = Stage::new(&[("linger.ms", "5")]);
    stage.partitions = 3;
    stage.serve();
    for (ticket, partition) in [(1, 2), (2, 0), (3, 2)] {
        stage.send(ticket, Some(partition), &["v"]);
    }
    stage.serve();
    stage.wait(5);
    assert_eq!(stage.produced_once().1, ["t-0 0/0 v", "t-2 0/0 v,v"]);
}

#[test]
fn send_blocks_for_a_topic_and_gives_up() {
    let mut stage = Stage::ready(&[("max.block.ms", "3000")]);
    let (topic, records, headers) = ("nowhere".into(), vec![(None, Some(Name::from("x")))], Vec::new());
    let command = ProducerCommand::Send { first_ticket: 1, topic, partition: None, records, headers };
    stage.handle(Input::Command(command));
    stage.send(2, Some(0), &["behind"]);
    for _ in 0..29 {
        stage.serve();
        stage.wait(100);
    }
    assert_eq!(stage.outcome(1), "open");
    assert_eq!(stage.producer.waiting().len(), 2, "the thread is blocked in the first send()");
    stage.serve();
    stage.wait(100);
    assert_eq!(stage.outcome(1), "TimeoutException");
    assert_eq!(stage.produced_once().1, ["t-0 0/0 behind"]);
}

#[test]
fn send_blocks_for_a_partition_until_it_is_there() {
    let mut stage = Stage::ready(&[]);
    stage.send(1, Some(1), &["x"]);
    stage.serve();
    assert_eq!(stage.outcome(1), "open");
    stage.partitions = 2;
    stage.wait(1000);
    stage.serve();
    assert_eq!(stage.produced_once().1, ["t-1 0/0 x"]);
}

#[test]
fn send_blocks_for_memory() {
    let mut stage = Stage::ready(&[("buffer.memory", "300"), ("batch.size", "100"), ("max.block.ms", "500")]);
    let value = "0123456789012345678901234567890123456789";
    stage.send(1, None, &[value, value, value]);
    let ids: Vec<u64> = stage.produced().into_iter().map(|(id, _)| id).collect();
    assert_eq!(ids.len(), 2, "two batches of 125 bytes fit");
    assert_eq!(stage.producer.waiting().len(), 1);
    stage.settle(ids[0], 0, ErrorCode::None, 0);
    assert_eq!(stage.produced_once().1, [format!("t-0 0/2 {value}")]);
    stage.send(4, None, &[value]);
    stage.wait(500);
    assert_eq!(stage.outcome(4), "TimeoutException");
}

#[test]
fn a_record_that_is_too_large_fails_at_once() {
    let mut stage = Stage::ready(&[("max.request.size", "90")]);
    stage.send(1, None, &["fits", "0123456789"]);
    assert_eq!(stage.outcome(2), "MESSAGE_TOO_LARGE");
    assert_eq!(stage.produced_once().1, ["t-0 0/0 fits"]);
}

#[test]
fn flush_and_close_send_what_lingers() {
    let mut stage = Stage::ready(&[("linger.ms", "60000")]);
    stage.send(1, None, &["a"]);
    stage.handle(Input::Command(ProducerCommand::Flush { ticket: 9 }));
    let (id, _) = stage.produced_once();
    assert!(!stage.producer.flushed(9));
    stage.settle(id, 0, ErrorCode::None, 0);
    assert!(stage.producer.flushed(9));
    stage.send(2, None, &["b"]);
    stage.handle(Input::Command(ProducerCommand::Close { timeout_ms: None }));
    assert!(!stage.exited);
    let (id, _) = stage.produced_once();
    stage.settle(id, 0, ErrorCode::None, 1);
    assert!(stage.exited);
    stage.send(3, None, &["c"]);
    assert_eq!(stage.outcome(3), "IllegalStateException");
}

#[test]
fn a_leader_that_is_named_is_believed_at_once() {
    let mut stage = Stage::ready(&[]);
    stage.send(1, None, &["a"]);
    let (id, _) = stage.produced_once();
    stage.settle_with(id, 0, ErrorCode::NotLeaderOrFollower, -1, Some((101, 4)));
    assert_eq!(stage.produced_once().1, ["t-0 0/0 a"], "without back-off (KIP-951)");
}

#[test]
fn the_ledger_keeps_everything_and_clones_cheaply() {
    let mut stage = Stage::ready(&[("linger.ms", "1000")]);
    let values: Vec<String> = (0..300).map(|index| format!("v{index}")).collect();
    let values: Vec<&str> = values.iter().map(String::as_str).collect();
    stage.send(1000, None, &values);
    let copy = stage.producer.clone();
    stage.wait(1000);
    let (id, _) = stage.produced_once();
    stage.settle(id, 0, ErrorCode::None, 0);
    assert_eq!((stage.producer.acked(), copy.acked()), (300, 0));
    assert_eq!(stage.producer.ledger().count(), 300);
    assert_eq!(stage.outcome(1299), "t-0@299");
    assert_eq!(stage.producer.outcome(999), None);
    assert!(copy.ledger().all(|sent| sent.outcome.is_none() && sent.tp.is_some()));
}
