//! What comes after the faults: everything is healed, writers learn what became of their records, readers
//! get to the ends of the logs.

use std::collections::BTreeSet;

use playground_core::command::{Command, NodeRef};
use playground_core::consumer::Consumer;
use playground_core::ids::{NodeId, TopicPartition};
use playground_core::sim::ProcState;
use playground_core::time::SimDuration;

use super::Failure;
use super::run::{GROUP, Run, Step, TOPIC};
use crate::sweep::{Excuse, Excused};

/// Between two looks at a healed cluster.
const LOOK_MS: u64 = 1_000;
/// How long a healed cluster and its clients may take.
const REST_MS: u64 = 240_000;

impl Run {
    pub fn until_at_rest(&mut self, who: &str, open: impl Fn(&Self) -> Option<String>) -> Step<()> {
        let readers = &self.options.readers;
        let work_ms = if readers.processing_ms > 2 { 3 * self.values * readers.processing_ms } else { 60_000 };
        let mut bound = self.world.now() + SimDuration::from_ms(REST_MS + work_ms);
        let (mut reseated, mut relieved) = (false, false);
        loop {
            self.pass(LOOK_MS)?;
            self.restart_all()?;
            self.step_applications(true)?;
            self.supervise()?;
            match open(self) {
                None => return Ok(()),
                // A transaction whose log is lost may never end, and whoever waits for its end waits.
                Some(_) if self.world.now() >= bound && self.may_stand_still() => {
                    self.stood_still = true;
                    self.count_work("at rest never: transactions that cannot end");
                    return Ok(());
                }
                Some(_) if self.world.now() >= bound && !relieved && self.leader_unheard()? => {
                    relieved = true;
                    bound = self.world.now() + SimDuration::from_ms(REST_MS);
                }
                Some(_) if self.world.now() >= bound && self.options.readers.is_static && !reseated => {
                    reseated = true;
                    bound = self.world.now() + SimDuration::from_ms(REST_MS);
                    self.reseat()?;
                }
                Some(what) if self.world.now() >= bound => return Err(Failure::Restless(format!("{who}: {what}"))),
                Some(_) => {}
            }
        }
    }

    /// A leader whose ISR was written without its hearing of it takes nothing with acks=all until an operator
    /// restarts it (`Excuse::IsrWrittenUnheard`). True if one was found and is being restarted.
    fn leader_unheard(&mut self) -> Step<bool> {
        let excused = Excused::find(&self.world, &BTreeSet::new());
        let Some(excused) = excused.filter(|found| found.excuse == Excuse::IsrWrittenUnheard) else {
            return Ok(false);
        };
        self.count_work("an ISR was written, but its leader did not hear of it");
        self.give(&Command::Stop(excused.broker()))?;
        Ok(true)
    }

    /// Transactions may never end, and whoever waits for stable offsets waits with them.
    fn may_stand_still(&self) -> bool {
        let offsets = |tp: &TopicPartition| &*tp.topic == "__consumer_offsets";
        self.transaction_log_lost || self.markers_skipped.iter().any(offsets)
    }

    /// A static leader that comes back skips the assignment (KIP-814), also where its former life had made
    /// one of nothing for want of metadata: the group stands still until somebody makes it rebalance.
    fn reseat(&mut self) -> Step<()> {
        let idle = |consumer: &Consumer| consumer.group().is_some() && consumer.assignment().is_empty();
        let any = |run: &Self| {
            let mut members = run.world.nodes().filter(|(_, slot)| slot.state == ProcState::Running);
            members.any(|(_, slot)| slot.process.consumer().is_some_and(idle))
        };
        if any(self) {
            self.count_work("static leader came back to an assignment of nothing");
            self.end_readers()?;
            self.pass(12_000)?;
        }
        Ok(())
    }

    fn end_readers(&mut self) -> Step<()> {
        let members = self.nodes(|_, slot| {
            let member = slot.process.consumer().is_some_and(|consumer| consumer.group().is_some());
            member && slot.state != ProcState::Dead
        });
        members.into_iter().try_for_each(|node| self.give(&Command::Kill(NodeRef::Node(node))))
    }

    pub fn writers_open(&self) -> Option<String> {
        let controller = self.world.controller().and_then(|id| self.world.broker(id));
        let Some(controller) = controller else { return Some("there is no controller".into()) };
        let known = |topic: &str| controller.partitions_of(&topic.into()).len();
        if known(TOPIC) < self.partitions().len() {
            return Some("the controller does not know all partitions yet".into());
        }
        let leaderless = self.partitions().into_iter().find(|tp| controller.known_leader(tp).is_none());
        if let Some(tp) = leaderless {
            return Some(format!("{tp} has no leader"));
        }
        for producer in &self.options.producers {
            let open = self.world.producer(&producer.name)?.ledger().find(|sent| sent.outcome.is_none());
            if let Some(sent) = open {
                return Some(format!("{} does not know what became of {:?}", producer.name, sent.value));
            }
        }
        let open = self.applications.iter().find(|app| !app.is_idle());
        open.map(|app| format!("{} is in a transaction", app.client))
    }

    /// A consumer that is not at the end of each of its partitions.
    pub fn readers_behind(&self) -> Option<String> {
        let controller = self.world.controller().and_then(|id| self.world.broker(id));
        let Some(controller) = controller else { return Some("there is no controller".into()) };
        let mut owned: Vec<TopicPartition> = Vec::new();
        for (node, slot) in self.world.nodes() {
            let running = slot.process.consumer().filter(|_| slot.state == ProcState::Running);
            let Some(consumer) = running else { continue };
            if consumer.is_working() {
                return Some(format!("{node} is at work"));
            }
            for tp in consumer.assignment() {
                let leader = controller.known_leader(&tp).and_then(|id| self.world.broker(id));
                let log = leader.and_then(|leader| leader.log(&tp));
                if log.is_none() {
                    return Some(format!("nobody leads {tp}"));
                }
                let committed = consumer.config().isolation_level.as_str() == "read_committed";
                let end = match log {
                    Some(log) if committed && self.loss_of(&tp).is_some() => Some(log.last_stable_offset()),
                    log => log.map(|log| log.high_watermark()),
                };
                if log.is_some_and(|log| log.log_end_offset() != log.high_watermark()) {
                    return Some(format!("{tp} is not committed to its end"));
                }
                if consumer.position(&tp) != end {
                    return Some(format!("{node} is at {:?} of {tp}, which ends at {end:?}", consumer.position(&tp)));
                }
                if consumer.group().is_some() && &*tp.topic == TOPIC {
                    owned.push(tp);
                }
            }
        }
        owned.sort();
        (owned != self.partitions()).then(|| format!("the members of {GROUP} own {owned:?}"))
    }

    /// A supervisor replaces clients that ended by themselves: consumers whose poll threw, and producers
    /// whose successor is wanted.
    pub fn supervise(&mut self) -> Step<()> {
        let failed = self.nodes(|_, slot| {
            let failed = slot.process.consumer().is_some_and(|consumer| consumer.last_error().is_some());
            failed && slot.state == ProcState::Running
        });
        for node in failed {
            self.give(&Command::Kill(NodeRef::Node(node)))?;
        }
        let alive = self.nodes(|_, slot| {
            let member = slot.process.consumer().is_some_and(|consumer| consumer.group().is_some());
            member && slot.state != ProcState::Dead
        });
        if alive.is_empty() {
            self.add_consumer()?;
        }
        for number in 1..=self.options.transactional {
            let id = format!("tx{number}");
            if self.applications.iter().all(|app| app.id != id || app.is_over()) {
                self.add_transactional(&id)?;
            }
        }
        Ok(())
    }

    pub fn heal(&mut self) -> Step<()> {
        self.give(&Command::Heal(None))?;
        for node in self.nodes(|_, slot| slot.state == ProcState::Paused) {
            self.give(&Command::Resume(NodeRef::Node(node)))?;
        }
        // Who never gets to a commit is given more time by his operator.
        if self.options.overworked() {
            self.options.readers.max_poll_interval_ms = 3_600_000;
            self.options.readers.max_poll_records = 1;
            self.options.transaction_timeout_ms = 60_000;
            self.end_readers()?;
        }
        self.restart_all()
    }

    fn restart_all(&mut self) -> Step<()> {
        let down = self
            .nodes(|id, slot| matches!(id, NodeId::Broker(_) | NodeId::ZooKeeper(_)) && slot.state == ProcState::Dead);
        for node in down {
            self.give(&Command::Start(NodeRef::Node(node)))?;
        }
        Ok(())
    }
}
