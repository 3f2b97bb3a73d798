//! Fetch and ListOffsets (`ReplicaManager.fetchMessages`, `Partition.fetchRecords`, `DelayedFetch`;
//! `kafka/02` §2.2). Consumers may fetch from followers too (KIP-392), up to the follower's high watermark.
//!
//! Leaves out fetch sessions (KIP-227).

use super::delayed::DelayedFetch;
use super::{Broker, BrokerTimer, Partition};
use crate::guard::{Guard, holds};
use crate::ids::TopicPartition;
use crate::log::Log;
use crate::machine::{Connection, Ctx};
use crate::protocol::fetch::{
    EARLIEST_TIMESTAMP, FetchPartition, FetchPartitionResponse, FetchRequest, FetchResponse, IsolationLevel,
    LATEST_TIMESTAMP, ListOffsetsRequest, ListOffsetsResponse, MAX_TIMESTAMP, OffsetsForLeaderEpochRequest,
    OffsetsForLeaderEpochResponse,
};
use crate::protocol::{ErrorCode, Response};
use crate::time::{SimDuration, SimTime};

impl Broker {
    pub(super) fn fetch(&mut self, ctx: &mut Ctx<'_>, on: &Connection, id: u64, request: FetchRequest) {
        // The follower's position is noted from the request, after the read: so the leader learns of
        // an append only with the follower's next fetch.
        if request.max_wait_ms == 0 || self.is_ready(ctx.now, &request) {
            let partitions = self.read_all(ctx.now, &request);
            if request.replica_id >= 0 {
                for (asked, read) in request.partitions.iter().zip(&partitions) {
                    let fenced = matches!(read.error, ErrorCode::FencedLeaderEpoch | ErrorCode::UnknownLeaderEpoch);
                    let counts = read.error == ErrorCode::None || (fenced && !holds(Guard::RefusedFetchDoesNotCount));
                    if counts && read.diverging_epoch.is_none() {
                        self.note_follower(ctx, request.replica_id, asked);
                    }
                }
            }
            ctx.respond(on, id, Response::Fetch(FetchResponse { partitions }));
            return;
        }
        // It waits, so nothing was refused.
        if request.replica_id >= 0 {
            for asked in &request.partitions {
                self.note_follower(ctx, request.replica_id, asked);
            }
        }
        let wait = SimDuration::from_ms(request.max_wait_ms);
        let fetch = DelayedFetch { connection: on.clone(), correlation_id: id, request };
        let number = self.purgatory.park_fetch(fetch);
        self.timers.set(BrokerTimer::DelayedFetch(number), ctx.now + wait);
    }

    fn note_follower(&mut self, ctx: &mut Ctx<'_>, replica: i32, asked: &FetchPartition) {
        // Only a deletion that waits asks how far every replica's log begins.
        let before = self.purgatory.has_deletions().then(|| self.low_watermark(&asked.tp));
        let Some(partition) = self.partitions.get_mut(&asked.tp) else { return };
        partition.update_follower(replica, asked.fetch_offset, asked.log_start_offset, ctx.now);
        // A follower that is in sync already, of a log that is committed to its end, changes nothing more.
        let settled = partition.log.high_watermark() == partition.log.log_end_offset();
        let settled = settled && partition.isr.contains(&replica);
        if before.is_some_and(|before| self.low_watermark(&asked.tp) > before) {
            self.dirty.insert(asked.tp.clone());
        }
        if settled {
            return;
        }
        self.maybe_expand_isr(ctx, &asked.tp, replica);
        self.advance_high_watermark(ctx, &asked.tp);
    }

    pub(super) fn complete_fetches(&mut self, ctx: &mut Ctx<'_>, tp: &TopicPartition) {
        for number in self.purgatory.fetches_on(tp) {
            let Some(fetch) = self.purgatory.fetch(number) else { continue };
            if self.is_ready(ctx.now, &fetch.request) {
                let partitions = self.read_all(ctx.now, &fetch.request);
                self.timers.cancel(&BrokerTimer::DelayedFetch(number));
                self.answer_fetch(ctx, number, partitions);
            }
        }
    }

    pub(super) fn fetch_waited(&mut self, ctx: &mut Ctx<'_>, number: u64) {
        let Some(fetch) = self.purgatory.fetch(number) else { return };
        let partitions = self.read_all(ctx.now, &fetch.request);
        self.answer_fetch(ctx, number, partitions);
    }

    fn answer_fetch(&mut self, ctx: &mut Ctx<'_>, number: u64, partitions: Vec<FetchPartitionResponse>) {
        if let Some(fetch) = self.purgatory.take_fetch(number) {
            ctx.respond(&fetch.connection, fetch.correlation_id, Response::Fetch(FetchResponse { partitions }));
        }
    }

    /// True if the fetch need not wait: enough bytes, any error, a log that departs, or a nearer
    /// replica to be named. No answer is
    /// built for it: most fetches that are looked at go on waiting.
    fn is_ready(&self, now: SimTime, request: &FetchRequest) -> bool {
        let enough = request.min_bytes.max(1);
        let mut left = request.max_bytes;
        let mut bytes = 0;
        for (index, asked) in request.partitions.iter().enumerate() {
            let Ok(partition) = self.serving(request, asked) else { return true };
            if self.preferred_read_replica(now, request, asked).is_some() {
                return true;
            }
            let Ok(Found::UpTo(bound)) = find(&partition.log, request, asked) else { return true };
            let max_bytes = left.min(asked.max_bytes);
            if asked.fetch_offset >= bound || (max_bytes == 0 && index > 0) {
                continue;
            }
            let Ok(read) = partition.log.readable_bytes(asked.fetch_offset, bound, max_bytes, enough) else {
                return true;
            };
            left = left.saturating_sub(read);
            bytes += read;
            // An error in what follows would make it ready too.
            if bytes >= enough {
                return true;
            }
        }
        request.partitions.is_empty()
    }

    fn read_all(&self, now: SimTime, request: &FetchRequest) -> Vec<FetchPartitionResponse> {
        let mut left = request.max_bytes;
        let mut min_one_message = true;
        let mut answers = Vec::with_capacity(request.partitions.len());
        for asked in &request.partitions {
            let (answer, bytes) = self.read(now, request, asked, left.min(asked.max_bytes), min_one_message);
            left = left.saturating_sub(bytes);
            // Once something was read, the limits hold.
            min_one_message &= bytes == 0;
            answers.push(answer);
        }
        answers
    }

    fn read(
        &self,
        now: SimTime,
        request: &FetchRequest,
        asked: &FetchPartition,
        max_bytes: u64,
        min_one_message: bool,
    ) -> (FetchPartitionResponse, u64) {
        let mut answer = FetchPartitionResponse {
            tp: asked.tp.clone(),
            error: ErrorCode::None,
            high_watermark: -1,
            last_stable_offset: -1,
            log_start_offset: -1,
            diverging_epoch: None,
            current_leader: None,
            preferred_read_replica: self.preferred_read_replica(now, request, asked).unwrap_or(-1),
            aborted_transactions: Vec::new(),
            batches: Vec::new(),
        };
        let read = self.read_into(&mut answer, request, asked, max_bytes, min_one_message);
        if let Err(error) = read {
            answer.error = error;
            answer.current_leader = self.leader_hint(&asked.tp, error);
        }
        (answer, read.unwrap_or(0))
    }

    /// Puts into the answer what the log says and holds; gives the bytes of the records.
    fn read_into(
        &self,
        answer: &mut FetchPartitionResponse,
        request: &FetchRequest,
        asked: &FetchPartition,
        max_bytes: u64,
        min_one_message: bool,
    ) -> Result<u64, ErrorCode> {
        let log = &self.serving(request, asked)?.log;
        answer.high_watermark = log.high_watermark();
        answer.last_stable_offset = log.last_stable_offset();
        answer.log_start_offset = log.log_start_offset();
        if answer.preferred_read_replica >= 0 {
            return Ok(0);
        }
        let mut bytes = 0;
        match find(log, request, asked)? {
            Found::Diverging(epoch, end) => answer.diverging_epoch = Some((epoch, end)),
            // At least one batch is given, however large, of the first partition that has data.
            Found::UpTo(bound) => {
                (answer.batches, bytes) = log.read_at_least(asked.fetch_offset, bound, max_bytes, min_one_message)?;
            }
        }
        if request.replica_id < 0
            && request.isolation_level == IsolationLevel::ReadCommitted
            && holds(Guard::AbortedTransactionsNamed)
            && let Some(last) = answer.batches.last()
        {
            answer.aborted_transactions = log.transaction_index().collect(asked.fetch_offset, last.next_offset());
        }
        Ok(bytes)
    }

    /// The partition, if this broker may answer for it in the epoch that is asked about: followers are
    /// answered by the leader alone, and only if it knows them as replicas.
    fn serving(&self, request: &FetchRequest, asked: &FetchPartition) -> Result<&Partition, ErrorCode> {
        let follower = request.replica_id >= 0;
        let fenced = !follower || holds(Guard::FetchFencedByLeaderEpoch);
        let epoch = if fenced { asked.current_leader_epoch } else { -1 };
        let partition = self.in_epoch(&asked.tp, epoch, follower)?;
        if follower && !partition.remotes.contains_key(&request.replica_id) {
            return Err(if asked.current_leader_epoch >= 0 {
                ErrorCode::UnknownLeaderEpoch
            } else {
                ErrorCode::NotLeaderOrFollower
            });
        }
        Ok(partition)
    }

    /// The partition, if this broker knows it in the epoch that is asked about and, where that is
    /// asked too, leads it.
    fn in_epoch(&self, tp: &TopicPartition, asked: i32, leader_only: bool) -> Result<&Partition, ErrorCode> {
        let partition = self.partitions.get(tp).ok_or_else(|| self.missing(tp))?;
        if asked >= 0 && asked < partition.leader_epoch {
            return Err(ErrorCode::FencedLeaderEpoch);
        }
        if asked > partition.leader_epoch {
            return Err(ErrorCode::UnknownLeaderEpoch);
        }
        if leader_only && !partition.is_leader {
            return Err(ErrorCode::NotLeaderOrFollower);
        }
        Ok(partition)
    }

    pub(super) fn list_offsets(&mut self, ctx: &mut Ctx<'_>, on: &Connection, id: u64, request: &ListOffsetsRequest) {
        let partitions = request
            .partitions
            .iter()
            .map(|(tp, epoch, timestamp)| match self.list_offset(request, tp, *epoch, *timestamp) {
                Ok((timestamp, offset, epoch)) => (tp.clone(), ErrorCode::None, timestamp, offset, epoch),
                Err(error) => (tp.clone(), error, -1, -1, -1),
            })
            .collect();
        ctx.respond(on, id, Response::ListOffsets(ListOffsetsResponse { partitions }));
    }

    /// `Partition.lastOffsetForLeaderEpoch`: only the leader of the epoch that the asker knows tells.
    pub(super) fn offsets_for_leader_epoch(
        &mut self,
        ctx: &mut Ctx<'_>,
        on: &Connection,
        id: u64,
        request: OffsetsForLeaderEpochRequest,
    ) {
        let end = |(tp, current_leader_epoch, epoch): (TopicPartition, i32, i32)| match self.in_epoch(
            &tp,
            current_leader_epoch,
            true,
        ) {
            Ok(partition) => {
                let (epoch, end_offset) = partition.log.end_offset_for_epoch(epoch);
                (tp, ErrorCode::None, epoch, end_offset)
            }
            Err(error) => (tp, error, -1, -1),
        };
        let partitions = request.partitions.into_iter().map(end).collect();
        ctx.respond(on, id, Response::OffsetForLeaderEpoch(OffsetsForLeaderEpochResponse { partitions }));
    }

    fn list_offset(
        &self,
        request: &ListOffsetsRequest,
        tp: &TopicPartition,
        epoch: i32,
        timestamp: i64,
    ) -> Result<(i64, i64, i32), ErrorCode> {
        let partition = self.in_epoch(tp, epoch, true)?;
        let log = &partition.log;
        let client = request.replica_id < 0;
        let latest = match (client, request.isolation_level) {
            (false, _) => log.log_end_offset(),
            (true, IsolationLevel::ReadUncommitted) => log.high_watermark(),
            (true, IsolationLevel::ReadCommitted) => log.last_stable_offset(),
        };
        if client && partition.withholds_latest() && timestamp != EARLIEST_TIMESTAMP {
            return Err(ErrorCode::OffsetNotAvailable);
        }
        Ok(match timestamp {
            EARLIEST_TIMESTAMP => {
                let start = log.log_start_offset();
                (-1, start, log.leader_epochs().epoch_for_offset(start).unwrap_or(-1))
            }
            LATEST_TIMESTAMP => (-1, latest, partition.leader_epoch),
            timestamp if timestamp < 0 && timestamp != MAX_TIMESTAMP => return Err(ErrorCode::UnsupportedVersion),
            timestamp => {
                let found = match timestamp {
                    MAX_TIMESTAMP => log.offset_of_max_timestamp(),
                    _ => log.offset_for_timestamp(timestamp),
                };
                let epoch = |offset| log.leader_epochs().epoch_for_offset(offset).unwrap_or(-1);
                let readable = found.filter(|(offset, _)| *offset < latest);
                readable.map_or((-1, -1, -1), |(offset, at)| (at, offset, epoch(offset)))
            }
        })
    }
}

/// What a fetch finds in a partition before anything is read.
enum Found {
    /// The fetcher's log departs from this one: the epoch and where it ends here (KIP-595).
    Diverging(i32, i64),
    /// It may read what is below this offset.
    UpTo(i64),
}

fn find(log: &Log, request: &FetchRequest, asked: &FetchPartition) -> Result<Found, ErrorCode> {
    if asked.last_fetched_epoch >= 0 {
        let (epoch, end) = log.end_offset_for_epoch(asked.last_fetched_epoch);
        if end < 0 {
            return Err(ErrorCode::OffsetOutOfRange);
        }
        if (epoch < asked.last_fetched_epoch && holds(Guard::EpochLookup)) || end < asked.fetch_offset {
            return Ok(Found::Diverging(epoch, end));
        }
    }
    if asked.fetch_offset < log.log_start_offset() || asked.fetch_offset > log.log_end_offset() {
        return Err(ErrorCode::OffsetOutOfRange);
    }
    Ok(Found::UpTo(if request.replica_id >= 0 {
        log.log_end_offset()
    } else if request.isolation_level == IsolationLevel::ReadCommitted && holds(Guard::ReadBelowLastStableOffset) {
        log.last_stable_offset()
    } else if holds(Guard::ReadBelowHighWatermark) {
        log.high_watermark()
    } else {
        log.log_end_offset()
    }))
}

impl Partition {
    /// KIP-207: a new leader does not say what is newest before its own epoch is replicated.
    fn withholds_latest(&self) -> bool {
        self.log.high_watermark() < self.leader_epoch_start_offset && holds(Guard::LatestOffsetWithheld)
    }

    /// What a client that reads uncommitted is told as the latest offset now, if anything.
    pub fn latest_offset(&self) -> Option<i64> {
        (self.is_leader && !self.withholds_latest()).then(|| self.log.high_watermark())
    }
}
