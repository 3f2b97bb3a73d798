//! DescribeConfigs and IncrementalAlterConfigs (`ConfigHelper`, `ConfigAdminManager`, `ZkAdminManager`): in
//! ZooKeeper mode every broker answers them itself, and writes to ZooKeeper.

use super::Broker;
use super::configs::{Purpose, entity, parse_config, path_of, print_config};
use crate::collections::BTreeMap;
use crate::config::{ConfigError, ConfigKind, ConfigSource, TopicConfig};
use crate::ids::Name;
use crate::machine::{Connection, Ctx};
use crate::protocol::admin::{
    ConfigDescription, ConfigResource, ConfigSynonym, DescribeConfigsRequest, DescribeConfigsResponse,
    IncrementalAlterConfigsRequest, IncrementalAlterConfigsResponse,
};
use crate::protocol::zookeeper::{CreateMode, ZkOp};
use crate::protocol::{ErrorCode, Response};

/// Configs as they are described.
pub(crate) type Entries = Vec<ConfigDescription>;

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
                let entry = |(name, value): (&Name, &Name)| {
                    let mut synonyms = self.synonyms(name);
                    synonyms.retain(|(source, ..)| *source == ConfigSource::DynamicDefaultBroker);
                    described(name.clone(), value.clone(), synonyms)
                };
                (ErrorCode::None, set.map(entry).collect())
            }
        };
        let resources = vec![(resource, error, entries)];
        ctx.respond(on, id, Response::DescribeConfigs(DescribeConfigsResponse { resources }));
    }

    /// Every key of this broker with its value, and where that comes from; also those that were set and that
    /// nobody knows.
    pub(crate) fn described(&self) -> Entries {
        let known = ConfigKind::Broker.defs().map(|def| {
            let value = self.config.text(def.name).unwrap_or("").into();
            described(def.name.into(), value, self.synonyms(def.name))
        });
        let is_unknown = |name: &Name| ConfigKind::Broker.find(name).is_none();
        let dynamic = &self.configs.dynamic;
        let mut unknown: BTreeMap<Name, Name> = BTreeMap::new();
        unknown.extend(dynamic.default.iter().chain(dynamic.own.iter()).map(|(k, v)| (k.clone(), v.clone())));
        let unknown = unknown.into_iter().filter(|(name, _)| is_unknown(name));
        let unknown = unknown.map(|(name, value)| described(name.clone(), value, self.synonyms(&name)));
        known.chain(unknown).collect()
    }

    /// Where a value of the broker's may come from, the one in force first (`ConfigHelper.configSynonyms`).
    fn synonyms(&self, name: &str) -> Vec<ConfigSynonym> {
        self.configs.dynamic.synonyms(&self.properties, name)
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
            let broker_key = def.extra.split([',', '*']).next().filter(|key| !key.is_empty());
            let mut synonyms = broker_key.map(|key| self.synonyms(key)).unwrap_or_default();
            if own {
                synonyms.insert(0, (ConfigSource::DynamicTopic, def.name.into(), text.clone()));
            }
            entries.push(described(def.name.into(), text, synonyms));
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
                let is_unknown = own.iter().any(|(key, _)| ConfigKind::Topic.find(key).is_none());
                let words = |error: ConfigError| match is_unknown {
                    true => error.to_string(),
                    false => format!("Invalid config value for resource {of}: {error}"),
                };
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

/// A config comes from the first of its synonyms.
fn described(name: Name, value: Name, synonyms: Vec<ConfigSynonym>) -> ConfigDescription {
    let source = synonyms.first().map_or(ConfigSource::Default, |(source, ..)| *source);
    ConfigDescription { name, value, source, synonyms }
}

fn answer(ctx: &mut Ctx<'_>, on: &Connection, id: u64, resource: ConfigResource, error: ErrorCode, message: String) {
    let resources = vec![(resource, error, message)];
    ctx.respond(on, id, Response::IncrementalAlterConfigs(IncrementalAlterConfigsResponse { resources }));
}
