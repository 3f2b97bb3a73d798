//! What the page asks for beside running: a timeline with journal and checkpoints, seeking in it, the
//! view, a clone of the world.

use playground_core::command::{Command, CommandError};
use playground_core::time::{SimDuration, SimTime};
use playground_core::timeline::Timeline;

use crate::clock::Stopwatch;
use crate::scene;

/// Twelve rounds of faults and 170,000 events.
const SIMULATED_SECONDS: u64 = 120;
const SEEKS: u64 = 60;
const FRAMES: u32 = 200;

/// Measures and prints.
///
/// # Errors
/// A command is refused.
pub fn measure() -> Result<(), CommandError> {
    let (watch, memory) = (Stopwatch::start(), resident_bytes());
    let mut timeline = scene::timeline(SIMULATED_SECONDS)?;
    let events = timeline.position().steps;
    let took = watch.seconds();
    println!("scene S on a timeline (journal, checkpoints, promises), 10 records/s each: {events} events");
    println!("{:<44} {:.0}", "events/s", events as f64 / took);
    if let Some((before, after)) = memory.zip(resident_bytes()) {
        println!("{:<44} {} MB", "memory of the timeline", after.saturating_sub(before) / 1_000_000);
    }
    // The clock of the processor's time may tick only every few ms: many frames are measured at once.
    let frames = |timeline: &mut Timeline, viewed: bool| -> Result<f64, CommandError> {
        let watch = Stopwatch::start();
        for _ in 0..FRAMES {
            // A frame at the pace of the real clock.
            timeline.act(Command::Wait(SimDuration::from_ms(17)))?;
            if viewed {
                drop(timeline.view());
            }
        }
        Ok(watch.seconds() * 1000.0 / f64::from(FRAMES))
    };
    drop(timeline.view());
    let (with, without) = (frames(&mut timeline, true)?, frames(&mut timeline, false)?);
    println!("{:<44} {without:.3} ms", "17 ms of the scene");
    println!("{:<44} {:.3} ms", "view of the whole cluster, frame by frame", with - without);
    time_of("clone of the world", 200, || drop(timeline.world().clone()));

    let (from, end, hash) = (timeline.start(), timeline.now(), timeline.state_hash());
    let span = end.0 - from.0;
    let mut took: Vec<f64> = Vec::new();
    let mut part = 0;
    for _ in 0..SEEKS {
        // A step that shares no factor with the number of places visits them all.
        part = (part + 23) % SEEKS;
        let watch = Stopwatch::start();
        timeline.seek(SimTime(from.0 + span * part / SEEKS));
        took.push(watch.seconds() * 1000.0);
    }
    took.sort_by(f64::total_cmp);
    let at = |percent: usize| took.get(took.len() * percent / 100).copied().unwrap_or(f64::NAN);
    println!("{:<44} {:.1} ms, p95 {:.1} ms, most {:.1} ms", "seek, median", at(50), at(95), at(99));
    timeline.seek(end);
    println!("{:<44} {}", "back at the end, the same state", if timeline.state_hash() == hash { "yes" } else { "NO" });
    Ok(())
}

/// Memory of this process, where the system tells it (Linux).
fn resident_bytes() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/self/statm").ok()?;
    text.split_whitespace().nth(1)?.parse::<u64>().ok().map(|pages| pages * 4096)
}

fn time_of(what: &str, times: u32, mut work: impl FnMut()) {
    let watch = Stopwatch::start();
    for _ in 0..times {
        work();
    }
    println!("{what:<44} {:.3} ms", watch.seconds() * 1000.0 / f64::from(times));
}
