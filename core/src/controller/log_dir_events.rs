//! A broker that lost a log directory says so in `/log_dir_event_notification`; the controller asks it
//! which replicas are still there and elects others for the rest (`processLogDirEventNotification`,
//! `processLeaderAndIsrResponseReceived`; KIP-112).

use crate::collections::BTreeSet;

use super::context::{Replica, ReplicaPhase};
use super::run::{Run, Step};
use super::znode::LOG_DIR_EVENTS;
use crate::ids::{BrokerId, Name, TopicPartition};
use crate::json::Json;
use crate::machine::Observation;
use crate::protocol::ErrorCode;
use crate::protocol::zookeeper::{ZkOp, ZkResult};

fn event_path(name: &Name) -> Name {
    format!("{LOG_DIR_EVENTS}/{name}").into()
}

impl Run<'_> {
    /// A new controller asks every broker anyway: what was announced before is done with.
    pub fn watch_log_dir_events(&mut self) -> Step<()> {
        let names = self.children(LOG_DIR_EVENTS, true)?;
        self.delete_log_dir_events(&names)
    }

    fn delete_log_dir_events(&mut self, names: &[Name]) -> Step<()> {
        let deletions = names.iter().map(|name| ZkOp::Delete { path: event_path(name), version: -1 });
        self.write(deletions.collect()).map(|_| ())
    }

    /// Announcements came: their brokers are told everything again, and will say what is lost.
    pub fn log_dir_events(&mut self) -> Step<()> {
        let names = self.children(LOG_DIR_EVENTS, true)?;
        let reads = names.iter().map(|name| ZkOp::GetData { path: event_path(name), watch: false }).collect();
        let replies = self.ask(reads)?;
        let broker_of = |reply: &super::run::Reply| match reply {
            Ok(ZkResult::Data { data, .. }) => Json::parse(data)?.get("broker")?.int(),
            _ => None,
        };
        let brokers: BTreeSet<BrokerId> = replies.iter().filter_map(broker_of).collect();
        for broker in &brokers {
            self.observe(Observation::LogDirFailureSeen { broker: *broker });
        }
        let replicas = self.context.replicas_on(&brokers);
        self.replicas_to(&replicas, Some(ReplicaPhase::Online))?;
        self.delete_log_dir_events(&names)
    }

    /// A broker said of each replica whether it is there.
    pub fn leader_and_isr_answered(&mut self, broker: BrokerId, results: &[(TopicPartition, ErrorCode)]) -> Step<()> {
        let with = |error: ErrorCode| results.iter().filter(move |result| result.1 == error).map(|result| &result.0);
        let before = self.context.on_offline_dirs.get(&broker).cloned().unwrap_or_default();
        let mut now = before.clone();
        for tp in with(ErrorCode::None) {
            now.remove(tp);
        }
        now.extend(with(ErrorCode::KafkaStorageError).cloned());
        let lost: Vec<Replica> = now.difference(&before).map(|tp| (tp.clone(), broker)).collect();
        self.context.on_offline_dirs.insert(broker, now);
        if lost.is_empty() { Ok(()) } else { self.replicas_become_offline(lost) }
    }
}
