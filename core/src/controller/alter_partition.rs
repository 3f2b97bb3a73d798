//! Leaders change their ISR through the controller (`tryProcessAlterPartition`, KIP-497).

use crate::collections::BTreeSet;

use super::context::LeaderAndIsr;
use super::run::{Run, Step};
use crate::guard::{Guard, holds};
use crate::ids::TopicPartition;
use crate::machine::Connection;
use crate::protocol::control::{
    AlterPartitionItem, AlterPartitionRequest, AlterPartitionResponse, AlterPartitionResult,
};
use crate::protocol::{ErrorCode, Response};

impl Run<'_> {
    /// AlterPartition: checked, written with the version that the leader knows, told to all.
    pub fn alter_partition(
        &mut self,
        on: &Connection,
        correlation_id: u64,
        request: &AlterPartitionRequest,
    ) -> Step<()> {
        let known_epoch = self.context.live.get(&request.broker_id).map(|live| live.epoch);
        if known_epoch != Some(request.broker_epoch) {
            let answer = AlterPartitionResponse { error: ErrorCode::StaleBrokerEpoch, partitions: Vec::new() };
            self.respond(on, correlation_id, Response::AlterPartition(answer));
            return Ok(());
        }
        let mut results: Vec<AlterPartitionResult> = Vec::new();
        let mut updates: Vec<(TopicPartition, LeaderAndIsr)> = Vec::new();
        for item in &request.partitions {
            match self.checked(item) {
                Ok(Some(state)) => updates.push((item.tp.clone(), state)),
                Ok(None) => results.push(self.result_of(&item.tp, ErrorCode::None)),
                Err(error) => results.push(self.result_of(&item.tp, error)),
            }
        }
        let asked: Vec<TopicPartition> = updates.iter().map(|(tp, _)| tp.clone()).collect();
        let (written, _) = self.update_states(updates)?;
        let written: BTreeSet<TopicPartition> = written.into_iter().map(|(tp, _)| tp).collect();
        for tp in &asked {
            let error = if written.contains(tp) { ErrorCode::None } else { ErrorCode::InvalidUpdateVersion };
            results.push(self.result_of(tp, error));
            if let Some(state) = self.context.leadership.get(tp).map(|leadership| leadership.state.clone())
                && written.contains(tp)
            {
                self.tell_isr(tp, &state);
            }
        }
        let all: Vec<TopicPartition> = request.partitions.iter().map(|item| item.tp.clone()).collect();
        self.update_metadata(&self.context.live_or_shutting_down(), &all);
        let successful: Vec<TopicPartition> =
            results.iter().filter(|result| result.error.is_none()).map(|result| result.tp.clone()).collect();
        let answer = AlterPartitionResponse { error: ErrorCode::None, partitions: results };
        self.respond(on, correlation_id, Response::AlterPartition(answer));
        for tp in &successful {
            self.maybe_complete_reassignment(tp)?;
        }
        Ok(())
    }

    /// The state to write, `None` if it already is so, or why not.
    fn checked(&self, item: &AlterPartitionItem) -> Result<Option<LeaderAndIsr>, ErrorCode> {
        let Some(leadership) = self.context.leadership.get(&item.tp) else {
            return Err(ErrorCode::UnknownTopicOrPartition);
        };
        let current = &leadership.state;
        if item.partition_epoch > current.partition_epoch || item.leader_epoch > current.leader_epoch {
            // The leader has heard of a newer controller.
            return Err(ErrorCode::NotController);
        }
        if item.leader_epoch < current.leader_epoch && holds(Guard::AlterPartitionFenced) {
            return Err(ErrorCode::FencedLeaderEpoch);
        }
        let wanted = LeaderAndIsr { isr: item.new_isr.clone(), recovering: item.recovering, ..current.clone() };
        if &wanted == current {
            return Ok(None);
        }
        if item.partition_epoch < current.partition_epoch && holds(Guard::AlterPartitionFenced) {
            return Err(ErrorCode::InvalidUpdateVersion);
        }
        if item.recovering && (item.new_isr.len() > 1 || !current.recovering) {
            return Err(ErrorCode::InvalidRequest);
        }
        if item.new_isr.iter().any(|id| !self.context.is_online(*id)) {
            return Err(ErrorCode::IneligibleReplica);
        }
        Ok(Some(wanted))
    }

    fn result_of(&self, tp: &TopicPartition, error: ErrorCode) -> AlterPartitionResult {
        let state = self.context.leadership.get(tp).filter(|_| error.is_none()).map(|leadership| &leadership.state);
        AlterPartitionResult {
            tp: tp.clone(),
            error,
            leader: state.map_or(-1, |state| state.leader),
            leader_epoch: state.map_or(-1, |state| state.leader_epoch),
            isr: state.map(|state| state.isr.clone()).unwrap_or_default(),
            partition_epoch: state.map_or(-1, |state| state.partition_epoch),
            recovering: state.is_some_and(|state| state.recovering),
        }
    }
}
