//! Applications that consume, transform and produce in transactions: a worker of the group reads, its
//! producer sends and hands the worker's positions over, then commits or aborts. They do what
//! `KafkaProducer`'s javadoc asks for: a time-out is tried again, another error is answered by an abort,
//! who is fenced ends; but a predecessor that was paused knows nothing of its successor.

use playground_core::command::{Command, NodeRef, TransactionVerb};
use playground_core::ids::{Name, NodeId};
use playground_core::producer::TransactionPhase;
use playground_core::sim::ProcState;

use super::Failure;
use super::run::{Step, Sweep};

/// The group of the workers.
const WORKERS: &str = "pipeline";

/// Where the application stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum State {
    Initializing(u64),
    Ready,
    Open,
    SendingOffsets(u64),
    /// The positions are handed over; it takes its time.
    HandedOver,
    Committing(u64),
    Aborting(u64),
    Over,
}

/// One application.
#[derive(Clone, Debug)]
pub struct Pipeline {
    /// Of all with this number, the last one is meant to run.
    number: u64,
    producer: Name,
    worker: Name,
    state: State,
}

impl Sweep {
    /// The applications of the options begin.
    pub fn start_pipelines(&mut self) -> Step<()> {
        for number in 1..=self.options.pipelines {
            let worker = self.add_worker()?;
            self.add_pipeline(number, worker)?;
        }
        Ok(())
    }

    fn next_name(&mut self, kind: &str) -> Name {
        self.clients += 1;
        format!("{kind}-{}", self.clients).into()
    }

    fn add_worker(&mut self) -> Step<Name> {
        let name = self.next_name("worker");
        let topic = &self.options.topics[0].name;
        self.command(&format!(
            "consumer {name} --topic {topic} --group {WORKERS} --config enable.auto.commit=false \
             --config isolation.level=read_committed --config session.timeout.ms=3000 --config max.poll.records=3 \
             --config heartbeat.interval.ms=500 --config auto.offset.reset=earliest \
             --config request.timeout.ms=5000 --config metadata.max.age.ms=10000"
        ))?;
        Ok(name)
    }

    /// A producer with the transactional id of this number begins, whether or not there is one already.
    fn add_pipeline(&mut self, number: u64, worker: Name) -> Step<()> {
        let producer = self.next_name("pipe");
        let topic = &self.options.topics[self.options.topics.len() - 1].name;
        let timeout_ms = self.options.transaction_timeout_ms;
        self.command(&format!(
            "producer {producer} --topic {topic} --config transactional.id=pipe-id-{number} \
             --config transaction.timeout.ms={timeout_ms} --config request.timeout.ms=2000 \
             --config delivery.timeout.ms=4000 --config max.block.ms=8000 --config metadata.max.age.ms=10000"
        ))?;
        let state = State::Initializing(self.call(&producer, &TransactionVerb::Init)?);
        self.pipelines.push(Pipeline { number, producer, worker, state });
        Ok(())
    }

    /// A second producer takes over while the first may still run.
    pub fn succeed_pipeline(&mut self) -> Step<()> {
        if self.options.pipelines == 0 || self.pipelines.len() > 20 {
            return Ok(());
        }
        let number = self.rng.between(1, self.options.pipelines);
        let last = self.pipelines.iter().rev().find(|pipeline| pipeline.number == number);
        match last.map(|pipeline| pipeline.worker.clone()) {
            Some(worker) => self.add_pipeline(number, worker),
            None => Ok(()),
        }
    }

    /// The producers of the applications in this state.
    pub fn pipes(&self, state: ProcState) -> Vec<NodeId> {
        let all = self.pipelines.iter().map(|pipeline| NodeId::Client(pipeline.producer.clone()));
        all.filter(|node| self.world.slot(node).is_some_and(|slot| slot.state == state)).collect()
    }

    fn call(&mut self, producer: &Name, verb: &TransactionVerb) -> Step<u64> {
        self.say(&format!("{producer}: {verb:?}"));
        let called = self.world.call_transaction(producer, verb);
        called.map_err(|error| Failure::Unplayable(format!("{producer}: {error}")))
    }

    /// Each application takes a step; with `finish` no new transaction is begun. The dead are replaced.
    pub fn step_pipelines(&mut self, finish: bool) -> Step<()> {
        for index in 0..self.pipelines.len() {
            let Some(mut pipeline) = self.pipelines.get(index).cloned() else { continue };
            self.step_pipeline(&mut pipeline, finish)?;
            self.pipelines[index] = pipeline;
        }
        for number in 1..=self.options.pipelines {
            let mut same = self.pipelines.iter().filter(|pipeline| pipeline.number == number);
            if same.clone().all(|pipeline| pipeline.state == State::Over)
                && let Some(worker) = same.next_back().map(|pipeline| pipeline.worker.clone())
            {
                self.pipelines.retain(|pipeline| pipeline.number != number);
                self.add_pipeline(number, worker)?;
            }
        }
        Ok(())
    }

    fn step_pipeline(&mut self, pipeline: &mut Pipeline, finish: bool) -> Step<()> {
        let state_of = |sweep: &Self, name: &Name| sweep.world.slot(&NodeId::Client(name.clone())).map(|s| s.state);
        match state_of(self, &pipeline.producer) {
            Some(ProcState::Running) => {}
            // What is paused may still come back, what is dead may not.
            Some(ProcState::Paused | ProcState::Starting) => return Ok(()),
            Some(ProcState::Dead) | None => {
                pipeline.state = State::Over;
                return Ok(());
            }
        }
        if state_of(self, &pipeline.worker).is_none_or(|state| state == ProcState::Dead) {
            let (old, new) = (pipeline.worker.clone(), self.add_worker()?);
            for other in self.pipelines.iter_mut().filter(|other| other.worker == old) {
                other.worker = new.clone();
            }
            pipeline.worker = new;
        }
        match pipeline.state {
            State::Initializing(ticket) => self.answered(pipeline, ticket, State::Ready, &TransactionVerb::Init),
            State::Ready if finish => Ok(()),
            State::Ready => {
                self.call(&pipeline.producer, &TransactionVerb::Begin)?;
                self.transform(pipeline)?;
                pipeline.state = State::Open;
                Ok(())
            }
            State::Open if self.phase(pipeline) != Some(TransactionPhase::InTransaction) => self.abort(pipeline),
            State::Open => match self.rng.below(8) {
                0..=2 => self.transform(pipeline),
                3..=5 if self.hands_over(pipeline) => {
                    let verb = TransactionVerb::SendOffsets(pipeline.worker.clone());
                    pipeline.state = State::SendingOffsets(self.call(&pipeline.producer, &verb)?);
                    Ok(())
                }
                6 => self.abort(pipeline),
                _ => self.commit(pipeline),
            },
            State::SendingOffsets(ticket) => match self.answer(pipeline, ticket) {
                Some(Ok(())) => {
                    pipeline.state = State::HandedOver;
                    Ok(())
                }
                Some(Err(_)) => self.abort(pipeline),
                None => Ok(()),
            },
            State::HandedOver => match self.rng.below(8) {
                0..=3 if !finish => Ok(()),
                7 => self.abort(pipeline),
                _ => self.commit(pipeline),
            },
            State::Committing(ticket) => self.answered(pipeline, ticket, State::Ready, &TransactionVerb::Commit),
            State::Aborting(ticket) => self.answered(pipeline, ticket, State::Ready, &TransactionVerb::Abort),
            State::Over => Ok(()),
        }
    }

    /// A call that ends in the next state, is made again after a time-out, and else leads to an abort.
    fn answered(&mut self, pipeline: &mut Pipeline, ticket: u64, next: State, verb: &TransactionVerb) -> Step<()> {
        let again = |ticket| match verb {
            TransactionVerb::Init => State::Initializing(ticket),
            TransactionVerb::Commit => State::Committing(ticket),
            _ => State::Aborting(ticket),
        };
        match self.answer(pipeline, ticket) {
            Some(Ok(())) => pipeline.state = next,
            Some(Err(error)) if matches!(&*error, "TimeoutException" | "REQUEST_TIMED_OUT") => {
                pipeline.state = again(self.call(&pipeline.producer, verb)?);
            }
            Some(Err(_)) if *verb == TransactionVerb::Commit => self.abort(pipeline)?,
            Some(Err(_)) => self.end(pipeline)?,
            None => {}
        }
        Ok(())
    }

    fn commit(&mut self, pipeline: &mut Pipeline) -> Step<()> {
        pipeline.state = State::Committing(self.call(&pipeline.producer, &TransactionVerb::Commit)?);
        Ok(())
    }

    fn abort(&mut self, pipeline: &mut Pipeline) -> Step<()> {
        if self.phase(pipeline) == Some(TransactionPhase::FatalError) {
            return self.end(pipeline);
        }
        pipeline.state = State::Aborting(self.call(&pipeline.producer, &TransactionVerb::Abort)?);
        Ok(())
    }

    /// `close()` after an error that nothing helps against.
    fn end(&mut self, pipeline: &mut Pipeline) -> Step<()> {
        pipeline.state = State::Over;
        self.give(&Command::Kill(NodeRef::Node(NodeId::Client(pipeline.producer.clone()))))
    }

    /// Some records for one of the partitions, or wherever they go.
    fn transform(&mut self, pipeline: &Pipeline) -> Step<()> {
        let topic = self.options.topics[self.options.topics.len() - 1].clone();
        let (count, number) = (self.rng.between(1, 3), self.world.steps());
        let partition = i32::try_from(self.rng.below(topic.partitions)).ok();
        let value = |index: u64| (None, Some(Name::from(format!("{}-{number}-{index}", pipeline.producer))));
        let records = (0..count).map(value).collect();
        let sent = self.world.send_records(&pipeline.producer, topic.name.as_str().into(), partition, records);
        sent.map(|_| ()).map_err(|error| Failure::Unplayable(format!("{}: {error}", pipeline.producer)))
    }

    fn hands_over(&self, pipeline: &Pipeline) -> bool {
        let worker = self.world.consumer(&pipeline.worker);
        worker.is_some_and(|worker| worker.group_metadata().is_some() && !worker.assignment().is_empty())
    }

    fn answer(&self, pipeline: &Pipeline, ticket: u64) -> Option<Result<(), Name>> {
        self.world.producer(&pipeline.producer)?.call_answer(ticket).cloned()
    }

    fn phase(&self, pipeline: &Pipeline) -> Option<TransactionPhase> {
        self.world.producer(&pipeline.producer)?.transaction_phase()
    }
}
