//! How fast the simulation runs: scene S beside madsim in the same run, then what the page asks for:
//! seeking, the view, a clone of the world. Prints numbers and judges none: the machine is not known.
//!
//! `scene SECONDS [TENTHS]` only plays the scene, for a profiler.

mod clock;
mod echo;
mod moments;
mod scene;
mod small;

use std::process::ExitCode;

use clock::{Stopwatch, median};
use playground_core::command::CommandError;
use scene::Scene;

const ROUNDS: usize = 3;
const SIMULATED_SECONDS: u64 = 60;
const ECHO_MESSAGES: u64 = 300_000;
/// One record a second of each producer, as a truck reports its place; and ten.
const RATES: [(u64, &str); 2] = [(10, "1 record/s each"), (1, "10 records/s each")];

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match words.as_slice() {
        ["scene", rest @ ..] => {
            let number = |index: usize, default| rest.get(index).and_then(|word| word.parse().ok()).unwrap_or(default);
            only_scene(number(0, SIMULATED_SECONDS), number(1, 1))
        }
        ["moments"] => moments::measure(),
        _ => measure(),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// Events, events a second, simulated seconds a second.
fn play(seconds: u64, send_every_tenths: u64) -> Result<(u64, f64, f64, u64), CommandError> {
    let mut scene = Scene::new(send_every_tenths)?;
    let before = scene.world.steps();
    let watch = Stopwatch::start();
    scene.run(seconds)?;
    let took = watch.seconds();
    let events = scene.world.steps() - before;
    for violation in scene.promises.violations() {
        println!("BROKEN: {violation}");
    }
    Ok((events, events as f64 / took, seconds as f64 / took, scene.world.fingerprint()))
}

fn only_scene(seconds: u64, send_every_tenths: u64) -> Result<(), CommandError> {
    let (events, rate, speed, fingerprint) = play(seconds, send_every_tenths)?;
    println!(
        "{events} events, {rate:.0} events/s, {speed:.0} simulated seconds in a real one, fingerprint {fingerprint:016x}"
    );
    Ok(())
}

fn measure() -> Result<(), CommandError> {
    println!("{}", scene::description());
    println!("clock: {}; medians of {ROUNDS} runs, ours and madsim's by turns\n", clock::name());
    for (tenths, name) in RATES {
        let (mut rates, mut speeds, mut echoes, mut events) = (Vec::new(), Vec::new(), Vec::new(), 0);
        for _ in 0..ROUNDS {
            let (of_run, rate, speed, _) = play(SIMULATED_SECONDS, tenths)?;
            events = of_run;
            rates.push(rate);
            speeds.push(speed);
            echoes.extend(echo::messages_per_second(ECHO_MESSAGES));
        }
        println!("{name}: {events} events in {SIMULATED_SECONDS} simulated seconds");
        let (rate, speed) = (median(rates), median(speeds));
        println!("{:<44} {speed:.0}", "simulated seconds in a real one");
        println!("{:<44} {rate:.0}", "events/s");
        if echoes.is_empty() {
            println!("{:<44} not built; `cargo xtask bench` builds it", "madsim");
        } else {
            let echo = median(echoes);
            println!("{:<44} {echo:.0}", "madsim, 3 servers and 3 clients, messages/s");
            println!("{:<44} {:.3}", "ours to madsim", rate / echo);
        }
        println!();
    }
    small::measure()?;
    moments::measure()
}
