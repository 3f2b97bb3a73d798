//! Reading (`Fetcher`, `FetchCollector`, `CompletedFetch`): one Fetch at a time per broker, what came
//! is kept until polls take it. Where the leader names a replica of the own rack, that is read from (KIP-392).
//!
//! Leaves out fetch sessions (KIP-227) but for the order that they give to partitions (`fetch_order`).

use crate::collections::Order;
use crate::collections::{BTreeMap, BTreeSet};
use std::collections::VecDeque;
use std::rc::Rc;

use super::Consumer;
use super::command::Received;
use super::fetch_order::FetchSessions;
use super::positions::{Position, PositionState, PreferredReplica};
use super::requests::Purpose;
use super::timer::ConsumerTimer;
use crate::collections::{SortedMap, java_map_order};
use crate::ids::{BrokerId, Name, TopicPartition};
use crate::log::{Record, RecordBatch};
use crate::machine::{Channel, Ctx, Observation, Processed};
use crate::protocol::coordinator::partition_hash;
use crate::protocol::fetch::{FetchPartition, FetchPartitionResponse, FetchRequest, FetchResponse, IsolationLevel};
use crate::protocol::{ErrorCode, Request};
use crate::time::{SimDuration, SimTime};

/// Data of one partition that polls have not taken yet.
#[derive(Clone, Debug)]
struct Completed {
    tp: TopicPartition,
    next_offset: i64,
    batches: VecDeque<Rc<RecordBatch>>,
    /// (producer id, first offset) of aborted transactions, by first offset.
    aborted: VecDeque<(i64, i64)>,
    aborted_producers: BTreeSet<i64>,
}

/// What was fetched.
#[derive(Clone, Debug, Default)]
pub struct Fetcher {
    completed: VecDeque<Completed>,
    sessions: FetchSessions,
    /// Partitions whose leader refused: not again before the metadata changes or the time comes.
    refused: BTreeMap<TopicPartition, (u64, SimTime)>,
    /// An error that the next poll throws.
    error: Option<Name>,
}

impl Fetcher {
    /// Until when a partition rests whose leader refused, the metadata being at this version.
    fn refused_until(&mut self, now: SimTime, tp: &TopicPartition, metadata_version: u64) -> Option<SimTime> {
        if self.refused.is_empty() {
            return None;
        }
        let (version, until) = self.refused.get(tp).copied()?;
        if version == metadata_version && now < until {
            return Some(until);
        }
        self.refused.remove(tp);
        None
    }
}

impl Consumer {
    /// `sendFetches`
    pub(super) fn send_fetches(&mut self, ctx: &mut Ctx<'_>) {
        self.validate_on_metadata_change();
        let mut by_leader: SortedMap<i32, Vec<FetchPartition>> = SortedMap::default();
        let mut forgotten: Vec<TopicPartition> = Vec::new();
        for (tp, state) in self.subscriptions.in_order() {
            let Some(position) = state.fetchable() else { continue };
            if !self.fetcher.completed.is_empty() && self.fetcher.completed.iter().any(|done| &done.tp == tp) {
                continue;
            }
            if let Some(until) = self.fetcher.refused_until(ctx.now, tp, self.metadata.version()) {
                self.timers.set_earlier(ConsumerTimer::Fetch, until);
                continue;
            }
            let Some((leader, epoch)) = state.leader else {
                self.metadata.request_update();
                continue;
            };
            let named = state.preferred_in(epoch, ctx.now);
            let source = named.filter(|named| self.metadata.brokers().contains(named));
            if source.is_none() && state.preferred.is_some() {
                forgotten.push(tp.clone());
                if named.is_some() {
                    self.metadata.request_update();
                }
            }
            // `selectReadReplica`: the one that the leader has named, as long as it is known to live.
            let leader = source.unwrap_or(leader);
            if self.requests.is_fetching_from(leader) || !self.requests.usable(leader, Channel::Data, ctx.now) {
                continue;
            }
            by_leader.get_or_insert_with(leader, Vec::new).push(FetchPartition {
                tp: tp.clone(),
                fetch_offset: position.offset,
                log_start_offset: -1,
                current_leader_epoch: epoch,
                last_fetched_epoch: -1,
                max_bytes: self.config.max_partition_fetch_bytes,
            });
        }
        for tp in forgotten {
            self.subscriptions.prefer(&tp, None);
        }
        for (leader, partitions) in by_leader {
            let partitions = self.fetcher.sessions.arrange(leader, partitions);
            let asked = partitions.iter().map(|partition| (partition.tp.clone(), partition.fetch_offset)).collect();
            let request = FetchRequest {
                replica_id: -1,
                max_wait_ms: self.config.fetch_max_wait_ms,
                min_bytes: self.config.fetch_min_bytes,
                max_bytes: self.config.fetch_max_bytes,
                isolation_level: self.isolation(),
                partitions,
                rack_id: self.config.client_rack.clone(),
            };
            self.send(ctx, leader, Channel::Data, Purpose::Fetch(asked), Request::Fetch(request));
        }
    }

    /// The leader named a replica to read from.
    fn read_elsewhere(&mut self, ctx: &mut Ctx<'_>, tp: &TopicPartition, broker: BrokerId) {
        let led = self.subscriptions.assigned.get(tp).and_then(|state| state.leader);
        let Some((_, leader_epoch)) = led else { return };
        let until = ctx.now + SimDuration::from_ms(self.config.metadata_max_age_ms);
        let before = self.subscriptions.prefer(tp, Some(PreferredReplica { broker, leader_epoch, until }));
        if before != Some(broker) {
            let (client, rack) = (&self.client, &self.config.client_rack);
            let text = format!("{client} is sent to replica {broker} of {tp}, which stands in its rack {rack}");
            ctx.observe(Observation::Note { text: text.into() });
        }
    }

    /// A fetch was lost with its connection: the leaders are asked again.
    pub(super) fn fetch_lost(&mut self, server: BrokerId, asked: &[(TopicPartition, i64)]) {
        self.fetcher.sessions.lost(server);
        for (tp, _) in asked {
            self.subscriptions.prefer(tp, None);
        }
    }

    pub(super) fn fetched(
        &mut self,
        ctx: &mut Ctx<'_>,
        server: BrokerId,
        asked: &[(TopicPartition, i64)],
        answer: FetchResponse,
    ) {
        self.fetcher.sessions.answered(server, &answer.partitions);
        for read in answer.partitions {
            let Some((_, offset)) = asked.iter().find(|(tp, _)| *tp == read.tp) else { continue };
            // The position moved (a seek, a rebalance) while the request was out.
            let standing = self.subscriptions.assigned.get(&read.tp).and_then(|state| state.standing());
            if standing.is_none_or(|position| position.offset != *offset) {
                continue;
            }
            if read.error != ErrorCode::None {
                self.fetch_refused(ctx, read);
            } else if read.preferred_read_replica >= 0 {
                self.read_elsewhere(ctx, &read.tp, read.preferred_read_replica);
            } else if !read.batches.is_empty() {
                let mut aborted = read.aborted_transactions;
                aborted.order_by_key(|(_, first)| *first);
                self.fetcher.completed.push_back(Completed {
                    tp: read.tp,
                    next_offset: *offset,
                    batches: read.batches.into(),
                    aborted: aborted.into(),
                    aborted_producers: BTreeSet::new(),
                });
            }
        }
    }

    fn fetch_refused(&mut self, ctx: &Ctx<'_>, read: FetchPartitionResponse) {
        let was_elsewhere = self.subscriptions.prefer(&read.tp, None).is_some();
        if read.error == ErrorCode::OffsetOutOfRange && was_elsewhere {
            // The follower may lag behind: what the leader says counts.
            return;
        }
        if read.error == ErrorCode::OffsetOutOfRange {
            match self.reset_timestamp() {
                Some(timestamp) => self.subscriptions.set(&read.tp, PositionState::AwaitsReset(timestamp)),
                None => self.fetcher.error = Some("OffsetOutOfRangeException".into()),
            }
            return;
        }
        self.metadata.request_update();
        if let Some((leader, epoch)) = read.current_leader
            && self.metadata.leader(&read.tp).is_none_or(|(_, known)| known < epoch)
        {
            self.metadata.learn_leader(&read.tp, leader, epoch);
            self.leader_known(&read.tp);
            return;
        }
        if !read.error.is_retriable() {
            self.fetcher.error = Some(read.error.name().into());
        }
        // Simplified: Kafka asks again with its next poll; here a refused partition rests until the
        // metadata is new or retry.backoff.ms is over, which spares a flood of refusals.
        let until = ctx.now + SimDuration::from_ms(self.config.retry_backoff_ms);
        self.fetcher.refused.insert(read.tp, (self.metadata.version(), until));
    }

    /// `collectFetch`: up to `max.poll.records` of what came, in order.
    ///
    /// # Errors
    /// A position is out of range and `auto.offset.reset` is `none`, or a leader refused for good.
    pub(super) fn collect(&mut self, ctx: &mut Ctx<'_>) -> Result<u64, Name> {
        if let Some(error) = self.fetcher.error.take() {
            return Err(error);
        }
        if self.fetcher.completed.is_empty() {
            return Ok(0);
        }
        let limit = u64::try_from(self.config.max_poll_records).unwrap_or(1);
        let mut taken = 0;
        let mut paused = VecDeque::new();
        let mut polled: Vec<(TopicPartition, Vec<Received>)> = Vec::new();
        while taken < limit
            && let Some(mut done) = self.fetcher.completed.pop_front()
        {
            if self.subscriptions.position(&done.tp).is_none_or(|position| position.offset != done.next_offset) {
                continue;
            }
            if self.subscriptions.fetchable(&done.tp).is_none() {
                paused.push_back(done);
                continue;
            }
            let records = self.take_from(&mut done, limit - taken);
            taken += u64::try_from(records.len()).unwrap_or(0);
            if !records.is_empty() {
                polled.push((done.tp.clone(), records));
            }
            // That nothing is left of it shows when more is wanted.
            if !done.batches.is_empty() || taken == limit {
                self.fetcher.completed.push_front(done);
            } else {
                self.subscriptions.move_to_end(&done.tp);
            }
        }
        self.fetcher.completed.append(&mut paused);
        // `ConsumerRecords` is a hash map of partitions.
        java_map_order(&mut polled, 16, |(tp, _)| partition_hash(tp));
        for (tp, records) in polled {
            self.hand_out(ctx, tp, records);
        }
        Ok(taken)
    }

    /// The application gets records of a partition from a poll.
    fn hand_out(&mut self, ctx: &mut Ctx<'_>, tp: TopicPartition, records: Vec<Received>) {
        let (from, to) = (records.first().map_or(0, |r| r.offset()), records.last().map_or(0, |r| r.offset()));
        for record in records {
            if self.app.work.is_none() {
                let (tp, offset, identity) = (record.tp.clone(), record.offset(), record.identity());
                ctx.process(Processed { tp, offset, identity, idempotent: false, producer: None });
            }
            self.app.received.push(record);
        }
        ctx.observe(Observation::RecordsRead { consumer: self.client.clone(), tp, from, to });
    }

    /// Up to `limit` records; its position goes on with them, and past what is not for the application.
    fn take_from(&mut self, done: &mut Completed, limit: u64) -> Vec<Received> {
        let mut records = Vec::new();
        let mut left = limit;
        let mut epoch = None;
        while left > 0
            && let Some(batch) = done.batches.front().cloned()
        {
            epoch = Some(batch.partition_leader_epoch);
            if done.passes_over(&batch, self.isolation()) {
                done.batches.pop_front();
                done.next_offset = done.next_offset.max(batch.next_offset());
                continue;
            }
            for (record, place) in batch.records.iter().zip(0..) {
                let offset = batch.base_offset + i64::from(record.offset_delta);
                if offset < done.next_offset {
                    continue;
                }
                if left == 0 {
                    break;
                }
                records.push(Received::new(done.tp.clone(), batch.clone(), place));
                done.next_offset = offset + 1;
                left -= 1;
            }
            let unread = |r: &Record| batch.base_offset + i64::from(r.offset_delta) >= done.next_offset;
            if batch.records.iter().any(unread) {
                break;
            }
            done.next_offset = done.next_offset.max(batch.next_offset());
            done.batches.pop_front();
        }
        if let Some(offset_epoch) = epoch {
            let position = Position { offset: done.next_offset, offset_epoch };
            self.subscriptions.set(&done.tp, PositionState::At(position));
        }
        records
    }
}

impl Completed {
    /// Control batches, and for `read_committed` those of aborted transactions, are not for the application.
    fn passes_over(&mut self, batch: &RecordBatch, isolation: IsolationLevel) -> bool {
        if isolation == IsolationLevel::ReadCommitted {
            while let Some((producer, first)) = self.aborted.front().copied()
                && first <= batch.last_offset()
            {
                self.aborted_producers.insert(producer);
                self.aborted.pop_front();
            }
            if batch.is_control {
                self.aborted_producers.remove(&batch.producer_id);
            } else if batch.is_transactional && self.aborted_producers.contains(&batch.producer_id) {
                return true;
            }
        }
        batch.is_control
    }
}
