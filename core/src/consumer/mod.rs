//! The consumer's face; its body comes with the next landing.
#![allow(missing_docs, unused_variables)]
use crate::config::ConsumerConfig;
use crate::ids::*;
use crate::machine::*;
use crate::time::SimTime;
use std::rc::Rc;
#[derive(Clone, Debug)]
pub struct Consumer(Vec<Received>);
#[derive(Clone, Debug)]
pub struct Received {
    pub tp: TopicPartition,
    pub offset: i64,
    pub key: Option<Rc<[u8]>>,
    pub value: Option<Rc<[u8]>>,
}
#[derive(Clone, Debug)]
pub enum ConsumerCommand {
    Subscribe { topics: Vec<Name> },
    Assign { partitions: Vec<TopicPartition> },
    Seek { tp: TopicPartition, offset: i64 },
    Commit { ticket: u64, offsets: Option<Vec<(TopicPartition, i64)>> },
    Close,
}
impl Consumer {
    pub fn new(client: Name, b: Vec<BrokerId>, config: ConsumerConfig) -> Self {
        Self(Vec::new())
    }
    pub fn group(&self) -> Option<&Name> {
        None
    }
    pub fn received(&self) -> &[Received] {
        &self.0
    }
}
impl Machine for Consumer {
    type Command = ConsumerCommand;
    fn handle(&mut self, ctx: &mut Ctx<'_>, input: Input<ConsumerCommand>) {}
    fn next_deadline(&self) -> Option<SimTime> {
        None
    }
    fn deadlines(&self) -> Vec<Deadline> {
        vec![]
    }
}
