//! Topic configs: read from `/config/topics/T` when a replica is made and when
//! `/config/changes` announces a change; written there by IncrementalAlterConfigs
//! (`ZkConfigManager`, `DynamicConfigManager`).

use std::collections::BTreeMap;

use super::Broker;
use crate::config::TopicConfig;
use crate::ids::Name;
use crate::machine::{Connection, Ctx};
use crate::protocol::admin::{
    ConfigResource, DescribeConfigsRequest, DescribeConfigsResponse, IncrementalAlterConfigsRequest,
    IncrementalAlterConfigsResponse,
};
use crate::protocol::zookeeper::{CreateMode, WatchEvent, ZkError, ZkOp, ZkResult};
use crate::protocol::{ErrorCode, Response};
use crate::zk_client::{ZkOwner, ZkTag};

/// What a read or write of a config znode is for.
#[derive(Clone, Debug)]
enum Purpose {
    /// To know the topic's configs.
    Know(Name),
    /// The list of changes.
    Changes,
    /// One change.
    Change,
    /// To answer DescribeConfigs.
    Describe { topic: Name, connection: Connection, correlation_id: u64 },
    /// To change and write back.
    Alter { topic: Name, changes: Vec<(Name, Option<Name>)>, connection: Connection, correlation_id: u64 },
    /// The change is written.
    Written { topic: Name, connection: Connection, correlation_id: u64 },
}

/// Known configs and reads in flight.
#[derive(Clone, Debug, Default)]
pub struct Configs {
    topics: BTreeMap<Name, TopicConfig>,
    pending: BTreeMap<u64, Purpose>,
    count: u64,
    newest_change: Option<Name>,
}

impl Configs {
    /// A topic's configs, if they were read.
    pub fn of_topic(&self, topic: &Name) -> Option<&TopicConfig> {
        self.topics.get(topic)
    }

    /// The session is gone with its answers.
    pub fn forget_pending(&mut self) {
        self.pending.clear();
    }
}

fn path_of(topic: &str) -> Name {
    Name::from(format!("/config/topics/{topic}"))
}

/// The pairs in `{"version":1,"config":{"a":"1"}}`.
fn parse_config(data: &str) -> Vec<(Name, Name)> {
    let Some(start) = data.find("\"config\":{") else { return Vec::new() };
    let inner = &data[start + 10..];
    let inner = inner.split('}').next().unwrap_or("");
    let mut strings = inner.split('"').skip(1).step_by(2);
    let mut pairs = Vec::new();
    while let (Some(name), Some(value)) = (strings.next(), strings.next()) {
        pairs.push((Name::from(name), Name::from(value)));
    }
    pairs
}

fn print_config(pairs: &[(Name, Name)]) -> Name {
    let inner: Vec<String> = pairs.iter().map(|(name, value)| format!("\"{name}\":\"{value}\"")).collect();
    Name::from(format!("{{\"version\":1,\"config\":{{{}}}}}", inner.join(",")))
}

impl Broker {
    fn config_op(&mut self, ctx: &mut Ctx<'_>, purpose: Purpose, op: ZkOp) {
        self.configs.count += 1;
        let id = self.configs.count;
        self.configs.pending.insert(id, purpose);
        self.zk.submit(ctx, ZkTag { owner: ZkOwner::Configs, id }, op);
    }

    pub(super) fn watch_config_changes(&mut self, ctx: &mut Ctx<'_>) {
        self.config_op(ctx, Purpose::Changes, ZkOp::GetChildren { path: "/config/changes".into(), watch: true });
    }

    pub(super) fn config_watch(&mut self, ctx: &mut Ctx<'_>, event: &WatchEvent) {
        if &*event.path == "/config/changes" {
            self.watch_config_changes(ctx);
        }
    }

    pub(super) fn read_topic_config(&mut self, ctx: &mut Ctx<'_>, topic: &Name) {
        let asked = self.configs.pending.values().any(|purpose| matches!(purpose, Purpose::Know(of) if of == topic));
        if !asked && !self.configs.topics.contains_key(topic) {
            let op = ZkOp::GetData { path: path_of(topic), watch: false };
            self.config_op(ctx, Purpose::Know(topic.clone()), op);
        }
    }

    pub(super) fn config_answered(&mut self, ctx: &mut Ctx<'_>, id: u64, result: Result<ZkResult, ZkError>) {
        let Some(purpose) = self.configs.pending.remove(&id) else { return };
        match (purpose, result) {
            (Purpose::Know(topic), Ok(ZkResult::Data { data, .. })) => self.know(ctx, &topic, &data),
            (Purpose::Changes, Ok(ZkResult::Children(names))) => {
                let first = self.configs.newest_change.is_none();
                for name in names {
                    // What was announced before this life began is in the znodes that it reads.
                    if self.configs.newest_change.as_ref().is_none_or(|newest| &name > newest) {
                        self.configs.newest_change = Some(name.clone());
                        if !first {
                            let path = Name::from(format!("/config/changes/{name}"));
                            self.config_op(ctx, Purpose::Change, ZkOp::GetData { path, watch: false });
                        }
                    }
                }
                if self.configs.newest_change.is_none() {
                    self.configs.newest_change = Some("".into());
                }
            }
            (Purpose::Change, Ok(ZkResult::Data { data, .. })) => {
                let topic = data.split("topics/").nth(1).and_then(|rest| rest.split('"').next());
                if let Some(topic) = topic.map(Name::from) {
                    self.configs.topics.remove(&topic);
                    self.read_topic_config(ctx, &topic);
                }
            }
            (Purpose::Describe { topic, connection, correlation_id }, result) => {
                let pairs = match result {
                    Ok(ZkResult::Data { data, .. }) => parse_config(&data),
                    _ => Vec::new(),
                };
                let config = TopicConfig::new(&self.config, &pairs);
                let entries = config.map(|config| config.describe()).unwrap_or_default();
                let resources = vec![(ConfigResource::Topic(topic), ErrorCode::None, entries)];
                let answer = Response::DescribeConfigs(DescribeConfigsResponse { resources });
                ctx.respond(&connection, correlation_id, answer);
            }
            (Purpose::Alter { topic, changes, connection, correlation_id }, result) => {
                let data = match result {
                    Ok(ZkResult::Data { data, .. }) => data,
                    _ => "".into(),
                };
                self.alter(ctx, topic, changes, &connection, correlation_id, &data);
            }
            (Purpose::Written { topic, connection, correlation_id }, result) => {
                let error = if result.is_ok() { ErrorCode::None } else { ErrorCode::UnknownServerError };
                answer_alter(ctx, &connection, correlation_id, topic, error, String::new());
            }
            _ => {}
        }
    }

    fn know(&mut self, ctx: &mut Ctx<'_>, topic: &Name, data: &str) {
        let Ok(config) = TopicConfig::new(&self.config, &parse_config(data)) else { return };
        self.configs.topics.insert(topic.clone(), config.clone());
        if config.unclean_leader_election_enable {
            self.controller.enable_topic_unclean_leader_election(ctx, &mut self.zk, topic);
        }
        let hosted: Vec<_> = self.partitions.keys().filter(|tp| &tp.topic == topic).cloned().collect();
        for tp in hosted {
            if let Some(partition) = self.partitions.get_mut(&tp) {
                partition.config = config.clone();
                partition.log.update_config((&config).into());
            }
            self.advance_high_watermark(ctx, &tp);
        }
    }

    pub(super) fn describe_configs(
        &mut self,
        ctx: &mut Ctx<'_>,
        on: &Connection,
        id: u64,
        request: DescribeConfigsRequest,
    ) {
        // Simplified: one resource per request, as the tools send it.
        match request.resources.into_iter().next() {
            Some(ConfigResource::Topic(topic)) if self.cache.has_topic(&topic) => {
                let op = ZkOp::GetData { path: path_of(&topic), watch: false };
                let purpose = Purpose::Describe { topic, connection: on.clone(), correlation_id: id };
                self.config_op(ctx, purpose, op);
            }
            other => {
                let resource = other.unwrap_or(ConfigResource::Broker(-1));
                let error = match &resource {
                    ConfigResource::Topic(_) => ErrorCode::UnknownTopicOrPartition,
                    ConfigResource::Broker(id) if *id == self.id => ErrorCode::None,
                    ConfigResource::Broker(_) => ErrorCode::InvalidRequest,
                };
                let entries = if error == ErrorCode::None { self.config.describe() } else { Vec::new() };
                let resources = vec![(resource, error, entries)];
                ctx.respond(on, id, Response::DescribeConfigs(DescribeConfigsResponse { resources }));
            }
        }
    }

    pub(super) fn alter_configs(
        &mut self,
        ctx: &mut Ctx<'_>,
        on: &Connection,
        id: u64,
        request: IncrementalAlterConfigsRequest,
    ) {
        // Simplified: one resource per request, as the tools send it.
        match request.resources.into_iter().next() {
            Some((ConfigResource::Topic(topic), changes)) if self.cache.has_topic(&topic) => {
                let op = ZkOp::GetData { path: path_of(&topic), watch: false };
                let purpose = Purpose::Alter { topic, changes, connection: on.clone(), correlation_id: id };
                self.config_op(ctx, purpose, op);
            }
            other => {
                let resource = other.map_or(ConfigResource::Broker(-1), |(resource, _)| resource);
                let (error, message) = match &resource {
                    ConfigResource::Topic(_) => (ErrorCode::UnknownTopicOrPartition, ""),
                    // Simplified: dynamic broker configs come later.
                    ConfigResource::Broker(_) => (ErrorCode::InvalidRequest, "dynamic broker configs are not modelled"),
                };
                let resources = vec![(resource, error, message.to_owned())];
                let answer = IncrementalAlterConfigsResponse { resources };
                ctx.respond(on, id, Response::IncrementalAlterConfigs(answer));
            }
        }
    }

    fn alter(
        &mut self,
        ctx: &mut Ctx<'_>,
        topic: Name,
        changes: Vec<(Name, Option<Name>)>,
        on: &Connection,
        id: u64,
        data: &str,
    ) {
        let mut pairs: BTreeMap<Name, Name> = parse_config(data).into_iter().collect();
        for (name, value) in changes {
            match value {
                Some(value) => pairs.insert(name, value),
                None => pairs.remove(&name),
            };
        }
        let pairs: Vec<(Name, Name)> = pairs.into_iter().collect();
        if let Err(error) = TopicConfig::new(&self.config, &pairs) {
            answer_alter(ctx, on, id, topic, ErrorCode::InvalidConfig, error.to_string());
            return;
        }
        let change = format!("{{\"version\":2,\"entity_path\":\"topics/{topic}\"}}");
        let ops = vec![
            ZkOp::SetData { path: path_of(&topic), data: print_config(&pairs), version: -1 },
            ZkOp::Create {
                path: "/config/changes/config_change_".into(),
                data: change.into(),
                mode: CreateMode::PersistentSequential,
            },
        ];
        let purpose = Purpose::Written { topic, connection: on.clone(), correlation_id: id };
        self.config_op(ctx, purpose, ZkOp::Multi(ops));
    }
}

fn answer_alter(ctx: &mut Ctx<'_>, on: &Connection, id: u64, topic: Name, error: ErrorCode, message: String) {
    let resources = vec![(ConfigResource::Topic(topic), error, message)];
    ctx.respond(on, id, Response::IncrementalAlterConfigs(IncrementalAlterConfigsResponse { resources }));
}
