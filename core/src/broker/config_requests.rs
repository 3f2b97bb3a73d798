//! DescribeConfigs and IncrementalAlterConfigs (`ConfigHelper`, `ConfigAdminManager`, `ZkAdminManager`): in
//! ZooKeeper mode every broker answers them itself, and writes to ZooKeeper.

use super::Broker;
use super::configs::{Purpose, entity, parse_config, path_of, print_config};
use crate::config::{ConfigKind, ConfigSource, TopicConfig};
use crate::ids::Name;
use crate::machine::{Connection, Ctx};
use crate::protocol::admin::{
    ConfigResource, DescribeConfigsRequest, DescribeConfigsResponse, IncrementalAlterConfigsRequest,
    IncrementalAlterConfigsResponse,
};
use crate::protocol::zookeeper::{CreateMode, ZkOp};
use crate::protocol::{ErrorCode, Response};

/// Key, value and where it comes from.
pub(crate) type Entries = Vec<(Name, Name, ConfigSource)>;

impl Broker {
    pub(super) fn describe_configs(
        &mut self,
        ctx: &mut Ctx<'_>,
        on: &Connection,
        id: u64,
        request: DescribeConfigsRequest,
    ) {
        // Simplified: one resource per request, as the tools send it.
        let resource = request.resources.into_iter().next().unwrap_or(ConfigResource::Broker(-1));
        let (error, entries) = match &resource {
            ConfigResource::Topic(topic) if self.cache.has_topic(topic) => {
                let op = ZkOp::GetData { path: path_of(&resource), watch: false };
                let purpose = Purpose::Describe { topic: topic.clone(), connection: on.clone(), correlation_id: id };
                self.config_op(ctx, purpose, op);
                return;
            }
            ConfigResource::Topic(_) => (ErrorCode::UnknownTopicOrPartition, Entries::new()),
            ConfigResource::Broker(broker) if *broker != self.id => (ErrorCode::InvalidRequest, Entries::new()),
            ConfigResource::Broker(_) => (ErrorCode::None, self.described()),
            ConfigResource::BrokerDefault => {
                let set = self.configs.dynamic.default.iter();
                let entry =
                    |(name, value): (&Name, &Name)| (name.clone(), value.clone(), ConfigSource::DynamicDefaultBroker);
                (ErrorCode::None, set.map(entry).collect())
            }
        };
        let resources = vec![(resource, error, entries)];
        ctx.respond(on, id, Response::DescribeConfigs(DescribeConfigsResponse { resources }));
    }

    /// Every key of this broker with its value, and where that comes from.
    pub(crate) fn described(&self) -> Entries {
        let source = |name: &str| self.configs.dynamic.source(&self.properties, &[name]);
        let known = ConfigKind::Broker.defs();
        known.map(|def| (def.name.into(), self.config.text(def.name).unwrap_or("").into(), source(def.name))).collect()
    }

    pub(super) fn describe_topic(&mut self, ctx: &mut Ctx<'_>, topic: Name, data: &str, on: &Connection, id: u64) {
        let pairs: Vec<(Name, Name)> = parse_config(data).into_iter().collect();
        let entries = self.described_topic(&pairs);
        let resources = vec![(ConfigResource::Topic(topic), ErrorCode::None, entries)];
        ctx.respond(on, id, Response::DescribeConfigs(DescribeConfigsResponse { resources }));
    }

    /// Every key of a topic with these settings, as this broker has it.
    pub(crate) fn described_topic(&self, pairs: &[(Name, Name)]) -> Entries {
        let config = TopicConfig::new(&self.config, pairs).unwrap_or_else(|_| TopicConfig::of_broker(&self.config));
        let mut entries = Entries::new();
        for (def, text, own) in config.describe_over(&self.config) {
            let synonyms = def.extra.split(',').map(|key| key.split('*').next().unwrap_or(key));
            let source = if own {
                ConfigSource::DynamicTopic
            } else {
                self.configs.dynamic.source(&self.properties, &synonyms.collect::<Vec<_>>())
            };
            entries.push((def.name.into(), text, source));
        }
        entries
    }

    pub(super) fn alter_configs(
        &mut self,
        ctx: &mut Ctx<'_>,
        on: &Connection,
        id: u64,
        request: IncrementalAlterConfigsRequest,
    ) {
        // Simplified: one resource per request, as the tools send it.
        let (resource, changes) =
            request.resources.into_iter().next().unwrap_or((ConfigResource::Broker(-1), Vec::new()));
        match &resource {
            ConfigResource::Topic(topic) if !self.cache.has_topic(topic) => {
                answer(ctx, on, id, resource, ErrorCode::UnknownTopicOrPartition, String::new());
            }
            ConfigResource::Broker(broker) if *broker != self.id => {
                let message = format!("Unexpected broker id, expected {}, but received {broker}", self.id);
                answer(ctx, on, id, resource, ErrorCode::InvalidRequest, message);
            }
            _ => {
                let op = ZkOp::GetData { path: path_of(&resource), watch: false };
                let purpose = Purpose::Alter { resource, changes, connection: on.clone(), correlation_id: id };
                self.config_op(ctx, purpose, op);
            }
        }
    }

    /// The znode's data are here, `None` if there is none: what they are to be is checked and written.
    pub(super) fn alter(
        &mut self,
        ctx: &mut Ctx<'_>,
        resource: ConfigResource,
        changes: Vec<(Name, Option<Name>)>,
        on: &Connection,
        id: u64,
        data: Option<Name>,
    ) {
        let mut pairs = parse_config(data.as_deref().unwrap_or(""));
        for (name, value) in changes {
            match value {
                Some(value) => pairs.insert(name, value),
                None => pairs.remove(&name),
            };
        }
        let refused = match &resource {
            ConfigResource::Topic(topic) => {
                let own: Vec<(Name, Name)> = pairs.iter().map(|(k, v)| (k.clone(), v.clone())).collect();
                let of = format!("ConfigResource(type=TOPIC, name='{topic}')");
                let words = |error| format!("Invalid config value for resource {of}: {error}");
                TopicConfig::new(&self.config, &own).err().map(|error| (ErrorCode::InvalidConfig, words(error)))
            }
            _ => {
                let per_broker = resource != ConfigResource::BrokerDefault;
                let checked = self.configs.dynamic.check(&self.config, &pairs, per_broker);
                checked.err().map(|error| (ErrorCode::InvalidRequest, error.to_string()))
            }
        };
        if let Some((error, message)) = refused {
            answer(ctx, on, id, resource, error, message);
            return;
        }
        let (path, printed) = (path_of(&resource), print_config(&pairs));
        let write = match data {
            Some(_) => ZkOp::SetData { path, data: printed, version: -1 },
            None => ZkOp::Create { path, data: printed, mode: CreateMode::Persistent },
        };
        let announce = ZkOp::Create {
            path: "/config/changes/config_change_".into(),
            data: format!("{{\"version\":2,\"entity_path\":\"{}\"}}", entity(&resource)).into(),
            mode: CreateMode::PersistentSequential,
        };
        let purpose = Purpose::Written { resource, connection: on.clone(), correlation_id: id };
        self.config_op(ctx, purpose, ZkOp::Multi(vec![write, announce]));
    }

    pub(super) fn altered(
        &mut self,
        ctx: &mut Ctx<'_>,
        resource: ConfigResource,
        on: &Connection,
        id: u64,
        written: bool,
    ) {
        let error = if written { ErrorCode::None } else { ErrorCode::UnknownServerError };
        answer(ctx, on, id, resource, error, String::new());
    }
}

fn answer(ctx: &mut Ctx<'_>, on: &Connection, id: u64, resource: ConfigResource, error: ErrorCode, message: String) {
    let resources = vec![(resource, error, message)];
    ctx.respond(on, id, Response::IncrementalAlterConfigs(IncrementalAlterConfigsResponse { resources }));
}
