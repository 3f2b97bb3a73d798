//! Plays a script and writes the picture as SVG, so that it can be looked at without a browser:
//!
//! `cargo run -p playground-web --example picture -- 818x754 dark letters < script > picture.svg`
//!
//! Each line of the script is a command; `#` begins a comment; `brokers N` and `zookeeper N` before
//! the first command change the cluster; `before` remembers the state that changes are marked
//! against; `option NAME VALUE` sets what the page would choose.

use std::io::Read;
use std::process::ExitCode;

use playground_core::command::Command;
use playground_core::sim::Genesis;
use playground_core::time::SimTime;
use playground_core::timeline::Timeline;
use playground_web::scene::{
    HueBy, Layers, Pin, PinKind, Places, SceneOptions, Selection, Theme, describe, layout, svg,
};

fn main() -> ExitCode {
    match run() {
        Ok(picture) => {
            print!("{picture}");
            ExitCode::SUCCESS
        }
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<String, String> {
    let mut opts = SceneOptions::default();
    let (mut width, mut height) = (818.0, 754.0);
    for argument in std::env::args().skip(1) {
        match argument.as_str() {
            "dark" => opts.theme = Theme::Dark,
            "letters" => opts.key_letters = true,
            "phone" => opts.compact = true,
            "still" => opts.reduced_motion = true,
            size => {
                let (w, h) = size.split_once('x').ok_or(format!("not a size: {size}"))?;
                width = w.parse().map_err(|_| format!("not a width: {w}"))?;
                height = h.parse().map_err(|_| format!("not a height: {h}"))?;
            }
        }
    }
    let mut script = String::new();
    std::io::stdin().read_to_string(&mut script).map_err(|error| error.to_string())?;
    let mut genesis = Genesis::default();
    let mut timeline: Option<Timeline> = None;
    for line in script.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let words: Vec<&str> = line.split_whitespace().collect();
        match words.as_slice() {
            ["brokers", count] => {
                let count: i32 = count.parse().map_err(|_| format!("not a number: {count}"))?;
                genesis.brokers = (101..101 + count).collect();
                genesis.start_in_order = count < 20;
            }
            ["zookeeper", count] => genesis.zookeeper = count.parse().map_err(|_| format!("not a number: {count}"))?,
            _ => {
                if timeline.is_none() {
                    timeline = Some(Timeline::new(genesis.clone()).map_err(|error| error.to_string())?);
                }
                if let Some(timeline) = &mut timeline {
                    follow(timeline, &mut opts, &words, line)?;
                }
            }
        }
    }
    let timeline = timeline.ok_or("the script is empty")?;
    let view = timeline.view();
    eprintln!("{}", describe(&view, &opts));
    let layout = layout(&view, &opts, width, height);
    Ok(svg(&layout, &view, &opts, view.now))
}

fn follow(timeline: &mut Timeline, opts: &mut SceneOptions, words: &[&str], line: &str) -> Result<(), String> {
    match words {
        ["before"] => opts.previous = Some(timeline.view().into()),
        ["step", count] => {
            for _ in 0..count.parse::<u32>().map_err(|_| format!("not a number: {count}"))? {
                timeline.step();
            }
        }
        ["run", ms] => {
            let ms: u64 = ms.parse().map_err(|_| format!("not a number: {ms}"))?;
            timeline.run_to(SimTime::from_ms(timeline.now().as_ms() + ms), 10_000_000);
        }
        ["option", "ask"] => opts.asked = Some(Places::NextOffsets((0..64).collect())),
        ["option", "ask-brokers"] => opts.asked = Some(Places::Brokers(vec![101, 103])),
        ["option", "none"] => opts.show = Layers { ledger: true, messages: true, ..Layers::NONE },
        ["option", "whole"] => opts.whole_log = true,
        ["option", "by-consumer"] => opts.hue_by = HueBy::Consumer,
        ["option", "topic", topic] => opts.topic = Some((*topic).into()),
        ["option", "next", producer] => opts.next_action = Some(Selection::Producer((*producer).into())),
        ["option", "select", what] => opts.selected = Some(selection(what)?),
        ["option", "pin", number, what] => opts.pins.push(Pin {
            number: number.parse().map_err(|_| format!("not a number: {number}"))?,
            target: selection(what)?,
            kind: if *number == "1" { PinKind::Broke } else { PinKind::Followed },
        }),
        _ => {
            let command = Command::parse(line).map_err(|error| format!("{line}: {error}"))?;
            timeline.act(command).map_err(|error| format!("{line}: {error}"))?;
        }
    }
    Ok(())
}

/// `102` is a broker, `t-1` a partition, `102/t-1` a replica, anything else a producer.
fn selection(text: &str) -> Result<Selection, String> {
    use playground_core::ids::TopicPartition;
    if let Ok(broker) = text.parse() {
        return Ok(Selection::Broker(broker));
    }
    if let Some((broker, tp)) = text.split_once('/') {
        let broker = broker.parse().map_err(|_| format!("not a broker: {broker}"))?;
        return Ok(Selection::Replica(broker, TopicPartition::parse(tp).ok_or(format!("not a partition: {tp}"))?));
    }
    Ok(match TopicPartition::parse(text).filter(|_| !text.starts_with("truck")) {
        Some(tp) => Selection::Partition(tp),
        None => Selection::Producer(text.into()),
    })
}
