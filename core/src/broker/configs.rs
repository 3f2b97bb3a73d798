//! Configs in ZooKeeper: a topic's (`/config/topics/T`) are read when a replica is made, a broker's own and
//! the cluster's (`/config/brokers/N`, `/config/brokers/<default>`) when a session begins, and all of them
//! when `/config/changes` announces a change (`ZkConfigManager`, `DynamicConfigManager`, `DynamicBrokerConfig`).

use crate::collections::Order;
use crate::collections::{BTreeMap, OnWrite};
use std::rc::Rc;

use super::Broker;
use crate::config::{BrokerConfig, DynamicConfig, TopicConfig};
use crate::ids::{Name, TopicPartition};
use crate::json::{Json, quoted};
use crate::machine::{Connection, Ctx, Observation};
use crate::protocol::admin::ConfigResource;
use crate::protocol::zookeeper::{WatchEvent, ZkError, ZkOp, ZkResult};
use crate::zk_client::{ZkOwner, ZkTag};

/// What a read or write of a config znode is for.
#[derive(Clone, Debug)]
pub(super) enum Purpose {
    /// To know the topic's configs, the broker's own or the cluster's.
    Know(ConfigResource),
    /// The list of changes.
    Changes,
    /// One change.
    Change,
    /// To answer DescribeConfigs.
    Describe { topic: Name, connection: Connection, correlation_id: u64 },
    /// To change and write back.
    Alter { resource: ConfigResource, changes: Vec<(Name, Option<Name>)>, connection: Connection, correlation_id: u64 },
    /// The change is written.
    Written { resource: ConfigResource, connection: Connection, correlation_id: u64 },
}

/// Known configs and reads in flight.
#[derive(Clone, Debug, Default)]
pub struct Configs {
    topics: BTreeMap<Name, TopicConfig>,
    /// Dynamic configs of brokers.
    pub(super) dynamic: DynamicConfig,
    pending: BTreeMap<u64, Purpose>,
    count: u64,
    newest_change: Option<Name>,
    /// What a topic without settings of its own has under these properties: reading them takes long.
    defaults: Option<(Rc<BrokerConfig>, TopicConfig)>,
}

impl Configs {
    /// A topic's configs, or what the broker's properties make of a topic of which nothing was read.
    pub fn of_topic_or_default(&mut self, topic: &Name, broker: &Rc<BrokerConfig>) -> TopicConfig {
        if let Some(config) = self.topics.get(topic) {
            return config.clone();
        }
        match &self.defaults {
            Some((of, defaults)) if Rc::ptr_eq(of, broker) => defaults.clone(),
            _ => {
                let defaults = TopicConfig::of_broker(broker);
                self.defaults = Some((broker.clone(), defaults.clone()));
                defaults
            }
        }
    }

    /// The session is gone with its answers.
    pub fn forget_pending(&mut self) {
        self.pending.clear();
    }
}

/// `topics/T`, `brokers/101`, `brokers/<default>`: its place under `/config` and in announcements.
pub(super) fn entity(resource: &ConfigResource) -> String {
    match resource {
        ConfigResource::Topic(topic) => format!("topics/{topic}"),
        ConfigResource::Broker(id) => format!("brokers/{id}"),
        ConfigResource::BrokerDefault => "brokers/<default>".into(),
    }
}

pub(super) fn path_of(resource: &ConfigResource) -> Name {
    format!("/config/{}", entity(resource)).into()
}

fn resource_of(entity: &str) -> Option<ConfigResource> {
    match entity.split_once('/')? {
        ("topics", topic) => Some(ConfigResource::Topic(topic.into())),
        ("brokers", "<default>") => Some(ConfigResource::BrokerDefault),
        ("brokers", id) => Some(ConfigResource::Broker(id.parse().ok()?)),
        _ => None,
    }
}

/// The pairs in `{"version":1,"config":{"a":"1"}}`.
pub(super) fn parse_config(data: &str) -> BTreeMap<Name, Name> {
    let json = Json::parse(data);
    let fields = json.as_ref().and_then(|json| json.get("config")).map(Json::fields).unwrap_or_default();
    fields.iter().filter_map(|(name, value)| Some((Name::from(name.as_str()), Name::from(value.text()?)))).collect()
}

pub(super) fn print_config(pairs: &BTreeMap<Name, Name>) -> Name {
    let inner: Vec<String> = pairs.iter().map(|(name, value)| format!("{}:{}", quoted(name), quoted(value))).collect();
    format!("{{\"version\":1,\"config\":{{{}}}}}", inner.join(",")).into()
}

impl Broker {
    pub(super) fn config_op(&mut self, ctx: &mut Ctx<'_>, purpose: Purpose, op: ZkOp) {
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

    fn read_config(&mut self, ctx: &mut Ctx<'_>, resource: ConfigResource) {
        let op = ZkOp::GetData { path: path_of(&resource), watch: false };
        self.config_op(ctx, Purpose::Know(resource), op);
    }

    pub(super) fn read_broker_configs(&mut self, ctx: &mut Ctx<'_>) {
        self.read_config(ctx, ConfigResource::BrokerDefault);
        self.read_config(ctx, ConfigResource::Broker(self.id));
    }

    pub(super) fn read_topic_config(&mut self, ctx: &mut Ctx<'_>, topic: &Name) {
        let resource = ConfigResource::Topic(topic.clone());
        let is_it = |purpose: &Purpose| matches!(purpose, Purpose::Know(of) if *of == resource);
        if !self.configs.pending.values().any(is_it) && !self.configs.topics.contains_key(topic) {
            self.read_config(ctx, resource);
        }
    }

    pub(super) fn config_answered(&mut self, ctx: &mut Ctx<'_>, id: u64, result: Result<ZkResult, ZkError>) {
        let Some(purpose) = self.configs.pending.remove(&id) else { return };
        let data = match &result {
            Ok(ZkResult::Data { data, .. }) => Some(data.clone()),
            _ => None,
        };
        match purpose {
            Purpose::Know(ConfigResource::Topic(topic)) => {
                if let Some(data) = data {
                    self.know_topic(ctx, &topic, &data);
                }
            }
            Purpose::Know(resource) => {
                // Nobody has set anything yet: there is no znode. Any other error says nothing.
                if data.is_some() || result == Err(ZkError::NoNode) {
                    self.know_broker(ctx, &resource, data.as_deref().unwrap_or(""));
                }
            }
            Purpose::Changes => {
                if let Ok(ZkResult::Children(names)) = result {
                    self.see_changes(ctx, names);
                }
            }
            Purpose::Change => {
                let json = data.as_deref().and_then(Json::parse);
                let entity = json.as_ref().and_then(|json| json.get("entity_path")).and_then(Json::text);
                match entity.and_then(resource_of) {
                    Some(ConfigResource::Topic(topic)) => {
                        self.configs.topics.remove(&topic);
                        self.read_topic_config(ctx, &topic);
                    }
                    Some(ConfigResource::Broker(id)) if id != self.id => {}
                    Some(resource) => self.read_config(ctx, resource),
                    None => {}
                }
            }
            Purpose::Describe { topic, connection, correlation_id } => {
                self.describe_topic(ctx, topic, data.as_deref().unwrap_or(""), &connection, correlation_id);
            }
            Purpose::Alter { resource, changes, connection, correlation_id } => {
                self.alter(ctx, resource, changes, &connection, correlation_id, data);
            }
            Purpose::Written { resource, connection, correlation_id } => {
                self.altered(ctx, resource, &connection, correlation_id, result.is_ok());
            }
        }
    }

    fn see_changes(&mut self, ctx: &mut Ctx<'_>, names: Vec<Name>) {
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

    fn know_topic(&mut self, ctx: &mut Ctx<'_>, topic: &Name, data: &str) {
        let pairs: Vec<(Name, Name)> = parse_config(data).into_iter().collect();
        let Ok(config) = TopicConfig::new(&self.config, &pairs) else { return };
        if config.is_set("unclean.leader.election.enable") && config.unclean_leader_election_enable {
            self.controller.enable_topic_unclean_leader_election(ctx, &mut self.zk, topic);
        }
        self.configs.topics.insert(topic.clone(), config.clone());
        self.take_topic_config(ctx, topic, &config);
    }

    fn take_topic_config(&mut self, ctx: &mut Ctx<'_>, topic: &Name, config: &TopicConfig) {
        let shared = OnWrite::from(config.clone());
        let hosted: Vec<TopicPartition> = self.partitions.keys().filter(|tp| &tp.topic == topic).cloned().collect();
        for tp in hosted {
            if let Some(partition) = self.partitions.get_mut(&tp) {
                partition.config = shared.clone();
                partition.log.update_config(config.into());
            }
            self.advance_high_watermark(ctx, &tp);
        }
    }

    fn know_broker(&mut self, ctx: &mut Ctx<'_>, resource: &ConfigResource, data: &str) {
        let level = match resource {
            ConfigResource::BrokerDefault => &mut self.configs.dynamic.default,
            _ => &mut self.configs.dynamic.own,
        };
        *level = parse_config(data);
        let config = self.configs.dynamic.over(&self.properties);
        if config == *self.config {
            return;
        }
        let unclean = config.unclean_leader_election_enable && !self.config.unclean_leader_election_enable;
        self.config = Rc::new(config);
        let text = format!("broker {} takes up new dynamic configs", self.id);
        ctx.observe(Observation::Note { text: text.into() });
        self.controller.set_config(self.config.clone());
        self.groups.set_config(self.config.clone());
        self.renew_topic_configs(ctx);
        if unclean {
            self.controller.enable_default_unclean_leader_election(ctx, &mut self.zk);
        }
    }

    /// Topics without a setting of their own get the broker's.
    fn renew_topic_configs(&mut self, ctx: &mut Ctx<'_>) {
        let mut topics: Vec<Name> = self.partitions.keys().map(|tp| tp.topic.clone()).collect();
        topics.extend(self.configs.topics.keys().cloned());
        topics.order();
        topics.dedup();
        for topic in topics {
            let own = self.configs.topics.get(&topic).map(TopicConfig::entries);
            let own: Vec<(Name, Name)> = own.into_iter().flatten().map(|(k, v)| (k.clone(), v.clone())).collect();
            let Ok(config) = TopicConfig::new(&self.config, &own) else { continue };
            if let Some(known) = self.configs.topics.get_mut(&topic) {
                *known = config.clone();
            }
            self.take_topic_config(ctx, &topic, &config);
        }
    }
}
