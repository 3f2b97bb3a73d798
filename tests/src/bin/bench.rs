//! How fast the simulation runs: a cluster of three brokers with producers and consumers at work.
//! Prints numbers and judges none: the machine is not known.

use std::time::{Duration, Instant};

use playground_core::command::{Command, CommandError};
use playground_core::sim::{Genesis, World};
use playground_core::time::SimDuration;
use playground_core::timeline::Timeline;

const SIMULATED_SECONDS: u64 = 120;
const PRODUCERS: u64 = 4;
const CONSUMERS: u64 = 3;

fn main() -> std::process::ExitCode {
    match measure() {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            std::process::ExitCode::FAILURE
        }
    }
}

fn measure() -> Result<(), CommandError> {
    println!(
        "3 brokers, 6 partitions x 3 replicas, {PRODUCERS} producers (10 records/s each), {CONSUMERS} consumers of a group"
    );
    println!("{SIMULATED_SECONDS} simulated seconds, in release\n");

    let mut world = World::new(&Genesis::default())?;
    for line in scene() {
        world.execute(&Command::parse(&line)?)?;
    }
    let first = world.steps();
    let started = Instant::now();
    for _ in 0..SIMULATED_SECONDS * 10 {
        send(&mut |command| world.execute(&command))?;
        let next = world.now() + SimDuration::from_ms(100);
        world.run_until(next);
        world.take_observed();
    }
    report("world", world.steps() - first, started.elapsed());

    let mut timeline = Timeline::new(Genesis::default())?;
    for line in scene() {
        timeline.act(Command::parse(&line)?)?;
    }
    let (first, from) = (timeline.position().steps, timeline.now());
    let started = Instant::now();
    for _ in 0..SIMULATED_SECONDS * 10 {
        send(&mut |command| timeline.act(command))?;
        let next = timeline.now() + SimDuration::from_ms(100);
        timeline.run_to(next, u64::MAX);
    }
    report("timeline (journal, checkpoints, promises)", timeline.position().steps - first, started.elapsed());

    let end = timeline.now();
    let hash = timeline.state_hash();
    time_of("view of the whole cluster", 200, || drop(timeline.view()));
    time_of("clone of the world", 200, || drop(timeline.world().clone()));
    let mut seeks = timeline.clone();
    let span = end.0 - from.0;
    let mut part = 0;
    time_of("seek to another time", 40, || {
        part = (part + 17) % 40;
        seeks.seek(playground_core::time::SimTime(from.0 + span * part / 40));
    });
    seeks.seek(end);
    println!("{:<44} {}", "back at the end, the same state", if seeks.state_hash() == hash { "yes" } else { "NO" });
    Ok(())
}

/// Lines that set the scene.
fn scene() -> Vec<String> {
    let mut lines = vec![
        "kafka-topics.sh --create --topic load --partitions 6 --replication-factor 3".to_owned(),
        "wait 2s".to_owned(),
    ];
    lines.extend((1..=PRODUCERS).map(|number| format!("producer p{number} --topic load --config acks=all")));
    lines.extend((1..=CONSUMERS).map(|number| format!("consumer c{number} --topic load --group g")));
    lines.push("wait 10s".to_owned());
    lines
}

fn send(act: &mut dyn FnMut(Command) -> Result<(), CommandError>) -> Result<(), CommandError> {
    for number in 1..=PRODUCERS {
        act(Command::parse(&format!("send p{number} --key truck-{number} position"))?)?;
    }
    Ok(())
}

fn report(what: &str, events: u64, took: Duration) {
    let seconds = took.as_secs_f64();
    println!("{what:<44} {events} events in {seconds:.2} s");
    println!("{:<44} {:.0} events/s", "", events as f64 / seconds);
    println!("{:<44} {:.0} simulated seconds in a real one", "", SIMULATED_SECONDS as f64 / seconds);
}

fn time_of(what: &str, times: u32, mut work: impl FnMut()) {
    let started = Instant::now();
    for _ in 0..times {
        work();
    }
    println!("{what:<44} {:.3} ms", started.elapsed().as_secs_f64() * 1000.0 / f64::from(times));
}
