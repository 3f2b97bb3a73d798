//! A scene as a lesson has it: three brokers, four producers, a group of three, nothing breaks.

use playground_core::command::{Command, CommandError};
use playground_core::invariant::Promises;
use playground_core::sim::{Genesis, World};
use playground_core::time::SimDuration;

use crate::clock::Stopwatch;

const PRODUCERS: u64 = 4;
const CONSUMERS: u64 = 3;
const SIMULATED_SECONDS: u64 = 120;

/// Plays it and prints how fast that was.
///
/// # Errors
/// A command is refused.
pub fn measure() -> Result<(), CommandError> {
    let mut lines = vec![
        "kafka-topics.sh --create --topic load --partitions 6 --replication-factor 3".to_owned(),
        "wait 2s".into(),
    ];
    lines.extend((1..=PRODUCERS).map(|number| format!("producer p{number} --topic load --config acks=all")));
    lines.extend((1..=CONSUMERS).map(|number| format!("consumer c{number} --topic load --group readers")));
    let sends: Vec<Command> =
        (1..=PRODUCERS).map(|number| Command::parse(&format!("send p{number} v"))).collect::<Result<_, _>>()?;
    let (mut world, mut promises) = (World::new(&Genesis::default())?, Promises::default());
    for line in lines {
        world.execute(&Command::parse(&line)?)?;
    }
    let before = world.steps();
    let watch = Stopwatch::start();
    for _ in 0..SIMULATED_SECONDS * 10 {
        for send in &sends {
            world.execute(send)?;
        }
        let until = world.now() + SimDuration::from_ms(100);
        while world.next_event_at().is_some_and(|at| at <= until) {
            let Some(stepped) = world.step() else { break };
            promises.check(&world, &stepped, 0);
            world.forget_observed();
        }
        world.run_until(until);
    }
    let (took, events) = (watch.seconds(), world.steps() - before);
    println!(
        "3 brokers, 6 partitions x RF 3, {PRODUCERS} producers with 10 records/s each, {CONSUMERS} consumers of a group: \
         {events} events in {SIMULATED_SECONDS} simulated seconds"
    );
    println!("{:<44} {:.0}", "simulated seconds in a real one", SIMULATED_SECONDS as f64 / took);
    println!("{:<44} {:.0}\n", "events/s", events as f64 / took);
    for violation in promises.violations() {
        println!("BROKEN: {violation}");
    }
    Ok(())
}
