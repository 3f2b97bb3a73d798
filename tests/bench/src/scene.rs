//! The reference scene: 6 brokers, 30 partitions x RF 3, 10 producers, 3 groups of 4 consumers, and
//! every ten simulated seconds something breaks.
//!
//! Simplified against the wish: all ten producers are plain, none is transactional yet.

use playground_core::command::{Command, CommandError};
use playground_core::invariant::Promises;
use playground_core::sim::{Genesis, World};
use playground_core::time::{SimDuration, SimTime};
use playground_core::timeline::Timeline;

const PRODUCERS: u64 = 10;
const GROUPS: u64 = 3;
const MEMBERS: u64 = 4;
/// A fault comes every ten seconds and is undone eight seconds later.
const FAULTS: [(&str, &str); 6] = [
    ("kill 102", "start 102"),
    ("cut 103 104", "heal"),
    ("pause 105", "resume 105"),
    ("stop 106", "start 106"),
    ("delay 101 104 20ms", "heal"),
    ("kill controller", "start-dead"),
];

/// What stands in the first line of the output.
pub fn description() -> String {
    format!(
        "scene S: 6 brokers, 30 partitions x RF 3, {PRODUCERS} producers (acks=all, none transactional), \
         {GROUPS} groups x {MEMBERS} consumers, a fault every 10 simulated seconds, promises checked after every event"
    )
}

/// The cluster of the scene.
pub fn genesis() -> Genesis {
    Genesis {
        seed: 1,
        brokers: (101..=106).collect(),
        config: vec![("zookeeper.session.timeout.ms".into(), "6000".into())],
        ..Genesis::default()
    }
}

/// Lines that set the scene.
pub fn opening() -> Vec<String> {
    let mut lines = vec![
        "kafka-topics.sh --create --topic trucks_gps --partitions 30 --replication-factor 3".to_owned(),
        "wait 5s".to_owned(),
    ];
    lines.extend((1..=PRODUCERS).map(|number| format!("producer truck-{number} --topic trucks_gps --config acks=all")));
    for group in 1..=GROUPS {
        for member in 1..=MEMBERS {
            lines.push(format!("consumer reader-{group}-{member} --topic trucks_gps --group group-{group}"));
        }
    }
    lines.push("wait 15s".to_owned());
    lines
}

/// A world under the promises' eyes, as the fault sweep and the page run it.
pub struct Scene {
    /// The world.
    pub world: World,
    /// The promises.
    pub promises: Promises,
    sends: Vec<Command>,
    tenths: u64,
    send_every_tenths: u64,
}

impl Scene {
    /// The scene after its opening; each producer sends a record every so many tenths of a second.
    ///
    /// # Errors
    /// A line is no command, or it is refused.
    pub fn new(send_every_tenths: u64) -> Result<Self, CommandError> {
        let sends = (1..=PRODUCERS)
            .map(|number| Command::parse(&format!("send truck-{number} --key truck-{number} position")))
            .collect::<Result<_, _>>()?;
        let (world, promises) = (World::new(&genesis())?, Promises::default());
        let mut scene = Self { world, promises, sends, tenths: 0, send_every_tenths };
        for line in opening() {
            match Command::parse(&line)? {
                Command::Wait(span) => scene.pass(scene.world.now() + span),
                command => scene.world.execute(&command)?,
            }
        }
        Ok(scene)
    }

    /// Lets so many seconds pass.
    ///
    /// # Errors
    /// A command is refused.
    pub fn run(&mut self, seconds: u64) -> Result<(), CommandError> {
        for _ in 0..seconds * 10 {
            if let Some(line) = fault(self.tenths) {
                for command in commands(&line, &self.world)? {
                    self.world.execute(&command)?;
                }
            }
            if self.tenths % self.send_every_tenths == 0 {
                for command in &self.sends {
                    self.world.execute(command)?;
                }
            }
            self.tenths += 1;
            self.pass(self.world.now() + SimDuration::from_ms(100));
        }
        Ok(())
    }

    fn pass(&mut self, until: SimTime) {
        while self.world.next_event_at().is_some_and(|at| at <= until) {
            let Some(stepped) = self.world.step() else { break };
            self.promises.check(&self.world, &stepped, 0);
            self.world.forget_observed();
        }
        self.world.run_until(until);
    }
}

/// The same scene on a timeline, as the page plays it: with a journal and checkpoints.
///
/// # Errors
/// A command is refused.
pub fn timeline(seconds: u64) -> Result<Timeline, CommandError> {
    let mut timeline = Timeline::new(genesis())?;
    for line in opening() {
        timeline.act(Command::parse(&line)?)?;
    }
    for tenths in 0..seconds * 10 {
        if let Some(line) = fault(tenths) {
            for command in commands(&line, timeline.world())? {
                timeline.act(command)?;
            }
        }
        for number in 1..=PRODUCERS {
            timeline.act(Command::parse(&format!("send truck-{number} --key truck-{number} position"))?)?;
        }
        timeline.act(Command::Wait(SimDuration::from_ms(100)))?;
    }
    Ok(timeline)
}

/// What breaks or is mended at a tenth of a second.
fn fault(tenths: u64) -> Option<String> {
    let round = usize::try_from(tenths / 100).unwrap_or(0) % FAULTS.len();
    match tenths % 100 {
        10 => Some(FAULTS[round].0.to_owned()),
        90 => Some(FAULTS[round].1.to_owned()),
        _ => None,
    }
}

fn commands(line: &str, world: &World) -> Result<Vec<Command>, CommandError> {
    if line != "start-dead" {
        return Ok(vec![Command::parse(line)?]);
    }
    let dead = world.nodes().filter(|(_, slot)| slot.state == playground_core::sim::ProcState::Dead);
    dead.filter_map(|(node, _)| node.broker()).map(|id| Command::parse(&format!("start {id}"))).collect()
}
