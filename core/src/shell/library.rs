//! The client library that a console tool holds: its consumer or its producer, and what the program waits for.
//!
//! Simplified: it is the process's only one, so that console tools run in processes of their own.

use std::rc::Rc;

use super::script::{Record, Reply};
use crate::config::{ConsumerConfig, ProducerConfig};
use crate::consumer::{Consumer, ConsumerCommand};
use crate::ids::{BrokerId, Name, TopicPartition};
use crate::machine::{Connection, Ctx, Deadline, Delivery, Effect, Input, Machine};
use crate::producer::{Producer, ProducerCommand};
use crate::time::{SimDuration, SimTime};

/// A question: the run's ticket, and its number there.
type Asker = (u64, usize);

#[derive(Clone, Debug)]
#[allow(clippy::large_enum_variant, reason = "one per process")]
enum Client {
    Consumer(Consumer),
    Producer(Producer),
}

/// What a program waits for.
#[derive(Clone, Debug)]
enum Wait {
    /// For records behind these, until then.
    Records { seen: usize, until: Option<SimTime> },
    /// For the end of `close()`.
    Closed,
}

/// Calls of a producer that has the same name as a person's are told from its calls.
const FIRST_TICKET: u64 = 1 << 62;

/// The library.
#[derive(Clone, Debug)]
pub(super) struct Library {
    client: Client,
    wait: Option<(Asker, Wait)>,
    has_exited: bool,
    tickets: u64,
    /// How many more of the records that it is given are printed.
    prints: u64,
}

impl Library {
    /// `new KafkaConsumer`, and what it reads.
    ///
    /// # Errors
    /// A config is refused, in Kafka's words.
    pub fn consumer(
        ctx: &mut Ctx<'_>,
        bootstrap: Vec<BrokerId>,
        entries: &[(Name, Name)],
        reads: Vec<ConsumerCommand>,
    ) -> Result<Self, String> {
        let config = ConsumerConfig::from_entries(entries).map_err(|error| error.to_string())?;
        let consumer = Consumer::new(client_id(entries, "console-consumer"), bootstrap, config);
        let mut library = Self::new(Client::Consumer(consumer));
        for read in reads {
            if let ConsumerCommand::StopAfter(most) = read {
                library.prints = most;
            }
            library.command(ctx, read);
        }
        Ok(library)
    }

    /// `new KafkaProducer`.
    ///
    /// # Errors
    /// A config is refused, in Kafka's words.
    pub fn producer(bootstrap: Vec<BrokerId>, entries: &[(Name, Name)]) -> Result<Self, String> {
        let config = ProducerConfig::from_entries(entries).map_err(|error| error.to_string())?;
        let producer = Producer::new(client_id(entries, "console-producer"), bootstrap, config);
        Ok(Self::new(Client::Producer(producer)))
    }

    fn new(client: Client) -> Self {
        Self { client, wait: None, has_exited: false, tickets: FIRST_TICKET, prints: u64::MAX }
    }

    /// The consumer, if it is one.
    pub fn as_consumer(&self) -> Option<&Consumer> {
        match &self.client {
            Client::Consumer(consumer) => Some(consumer),
            Client::Producer(_) => None,
        }
    }

    /// The client's effects are the process's, but its end.
    fn run(&mut self, ctx: &mut Ctx<'_>, input: Input<()>) {
        let mut effects = Vec::new();
        {
            let ctx = &mut ctx.inner(&mut effects);
            match &mut self.client {
                Client::Consumer(consumer) => consumer.handle(ctx, without_command(input)),
                Client::Producer(producer) => producer.handle(ctx, without_command(input)),
            }
        }
        self.forward(ctx, effects);
    }

    fn forward(&mut self, ctx: &mut Ctx<'_>, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Exit => self.has_exited = true,
                // To print a record is to process it; what comes with the last one that is wanted is not printed.
                Effect::Process(_) if self.prints == 0 => {}
                Effect::Process(processed) => {
                    self.prints -= 1;
                    ctx.process(processed);
                }
                other => ctx.push(other),
            }
        }
    }

    fn command(&mut self, ctx: &mut Ctx<'_>, command: ConsumerCommand) {
        let mut effects = Vec::new();
        if let Client::Consumer(consumer) = &mut self.client {
            consumer.handle(&mut ctx.inner(&mut effects), Input::Command(command));
        }
        self.forward(ctx, effects);
    }

    fn produce(&mut self, ctx: &mut Ctx<'_>, command: ProducerCommand) {
        let mut effects = Vec::new();
        if let Client::Producer(producer) = &mut self.client {
            producer.handle(&mut ctx.inner(&mut effects), Input::Command(command));
        }
        self.forward(ctx, effects);
    }

    /// `send()` of these.
    pub fn send(&mut self, ctx: &mut Ctx<'_>, topic: Name, records: Vec<Record>) {
        let first_ticket = self.tickets + 1;
        self.tickets += records.len() as u64;
        let (mut pairs, mut headers) = (Vec::new(), Vec::new());
        for record in records {
            pairs.push((record.key, record.value));
            headers.push(record.headers);
        }
        let send = ProducerCommand::Send { first_ticket, topic, partition: None, records: pairs, headers };
        self.produce(ctx, send);
    }

    /// Waits for records behind the `seen`.
    pub fn receive(&mut self, now: SimTime, asker: Asker, seen: usize, timeout_ms: Option<u64>) {
        let until = timeout_ms.map(|timeout_ms| now + SimDuration::from_ms(timeout_ms));
        self.wait = Some((asker, Wait::Records { seen, until }));
    }

    /// `wakeup()`: who waited for records.
    pub fn wake_up(&mut self) -> Option<Asker> {
        let waiting = self.wait.take_if(|(_, wait)| matches!(wait, Wait::Records { .. }));
        waiting.map(|(asker, _)| asker)
    }

    /// `close()`; the consumer goes back to these positions first.
    pub fn close(&mut self, ctx: &mut Ctx<'_>, asker: Asker, positions: Vec<(TopicPartition, i64)>) {
        self.wait = Some((asker, Wait::Closed));
        for (tp, offset) in positions {
            self.command(ctx, ConsumerCommand::Seek { tp, offset });
        }
        self.command(ctx, ConsumerCommand::Close);
        self.produce(ctx, ProducerCommand::Close { timeout_ms: None });
    }

    /// A message for the client.
    pub fn on_delivery(&mut self, ctx: &mut Ctx<'_>, delivery: Delivery) {
        self.run(ctx, Input::Deliver(delivery));
    }

    /// A connection of the client broke.
    pub fn on_connection_lost(&mut self, ctx: &mut Ctx<'_>, connection: Connection) {
        self.run(ctx, Input::ConnectionLost(connection));
    }

    /// Time has passed.
    pub fn on_timer(&mut self, ctx: &mut Ctx<'_>) {
        self.run(ctx, Input::Timer);
    }

    /// The answer that the program waits for, once it is there.
    pub fn answer(&mut self, now: SimTime) -> Option<(Asker, Reply)> {
        let (asker, wait) = self.wait.as_ref()?;
        let reply = match (wait, &self.client) {
            (Wait::Closed, _) => self.has_exited.then_some(Reply::Closed)?,
            (Wait::Records { seen, until }, Client::Consumer(consumer)) => {
                let received = consumer.received();
                let is_over = until.is_some_and(|until| until <= now) || consumer.last_error().is_some();
                if received.len() <= *seen && !is_over {
                    return None;
                }
                Reply::Received(received.since(*seen).cloned().collect())
            }
            (Wait::Records { .. }, Client::Producer(_)) => Reply::Received(Rc::from([])),
        };
        let asker = *asker;
        self.wait = None;
        Some((asker, reply))
    }

    /// When it wants to be woken.
    pub fn next_deadline(&self) -> Option<SimTime> {
        let client = match &self.client {
            Client::Consumer(consumer) => consumer.next_deadline(),
            Client::Producer(producer) => producer.next_deadline(),
        };
        let until = match &self.wait {
            Some((_, Wait::Records { until, .. })) => *until,
            _ => None,
        };
        client.into_iter().chain(until).min()
    }

    /// Its deadlines in words.
    pub fn deadlines(&self) -> Vec<Deadline> {
        match &self.client {
            Client::Consumer(consumer) => consumer.deadlines(),
            Client::Producer(producer) => producer.deadlines(),
        }
    }
}

fn client_id(entries: &[(Name, Name)], default: &str) -> Name {
    let given = entries.iter().find(|(key, _)| &**key == "client.id");
    given.map_or_else(|| default.into(), |(_, id)| id.clone())
}

/// Commands go in by themselves.
fn without_command<C>(input: Input<()>) -> Input<C> {
    match input {
        Input::Boot | Input::Command(()) => Input::Boot,
        Input::Deliver(delivery) => Input::Deliver(delivery),
        Input::Timer => Input::Timer,
        Input::ConnectionLost(connection) => Input::ConnectionLost(connection),
        Input::DiskDone(token) => Input::DiskDone(token),
    }
}
