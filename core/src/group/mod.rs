//! The group coordinator's face; its body comes with the next landing.
#![allow(missing_docs, unused_variables)]
use crate::config::BrokerConfig;
use crate::ids::*;
use crate::log::RecordBatch;
use crate::machine::*;
use crate::protocol::*;
use crate::time::SimTime;
use std::rc::Rc;
pub fn partition_for(group: &str, n: i32) -> i32 {
    0
}
pub trait GroupStore {
    fn now_ms(&self) -> i64;
    fn offsets_partition_count(&self) -> i32;
    fn append(&mut self, partition: i32, token: u64, records: Vec<(Option<Rc<[u8]>>, Option<Rc<[u8]>>)>);
    fn topic_exists(&self, topic: &str) -> bool;
}
#[derive(Clone, Debug)]
pub struct GroupCoordinator(Vec<Group>);
#[derive(Clone, Debug)]
pub struct Group(Name);
impl Group {
    pub fn id(&self) -> &Name {
        &self.0
    }
}
impl GroupCoordinator {
    pub fn new(id: BrokerId, config: Rc<BrokerConfig>) -> Self {
        Self(Vec::new())
    }
    pub fn groups(&self) -> impl Iterator<Item = &Group> {
        self.0.iter()
    }
    pub fn next_deadline(&self) -> Option<SimTime> {
        None
    }
    pub fn deadlines(&self) -> Vec<Deadline> {
        vec![]
    }
    pub fn handle_request(
        &mut self,
        ctx: &mut Ctx<'_>,
        store: &mut dyn GroupStore,
        on: &Connection,
        id: u64,
        r: Request,
    ) {
    }
    pub fn on_append_done(&mut self, ctx: &mut Ctx<'_>, store: &mut dyn GroupStore, token: u64, error: ErrorCode) {}
    pub fn on_timer(&mut self, ctx: &mut Ctx<'_>, store: &mut dyn GroupStore) {}
    pub fn on_leader_elected(&mut self, ctx: &mut Ctx<'_>, partition: i32, epoch: i32, batches: &[Rc<RecordBatch>]) {}
    pub fn on_resigned(&mut self, ctx: &mut Ctx<'_>, partition: i32) {}
    pub fn on_partitions_deleted(&mut self, ctx: &mut Ctx<'_>, store: &mut dyn GroupStore, gone: &[TopicPartition]) {}
}
