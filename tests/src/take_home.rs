//! Scripts that the playground exports, read back: as steps that the oracle can play on real brokers, with what each
//! is expected to print. Leaves out lines about clients' containers and the network, which the oracle has no verb for.

use std::rc::Rc;

use playground_core::lesson::{Lesson, LessonRun, Pick, sources};
use playground_core::sim::Genesis;
use playground_core::take_home::{TakeHome, take_home};
use playground_core::timeline::Timeline;
use serde_json::{Value, json};

use crate::lesson_check::attempt;

/// A line of the script as a step of a case.
#[derive(Clone, PartialEq, Debug)]
pub struct Replayed {
    /// The step, without its result.
    pub step: Value,
    /// What has to be printed, if the script says so.
    pub expected: Option<Vec<String>>,
    /// The exit status that the script names.
    pub status: i64,
}

/// A built-in lesson, played to its end by its solutions.
///
/// # Errors
/// There is no such lesson, or it cannot be played.
pub fn played(id: &str) -> Result<(LessonRun, Timeline), String> {
    let (_, text) = sources().iter().find(|(known, _)| *known == id).ok_or_else(|| format!("no lesson {id}"))?;
    let lesson = Rc::new(Lesson::parse(text).map_err(|wrong| wrong.to_string())?);
    let (mut run, mut timeline) = LessonRun::open(lesson.clone()).map_err(|wrong| wrong.to_string())?;
    for step in &lesson.steps {
        attempt(&mut run, &mut timeline, step, Pick::DontKnow, &step.solution)?;
        run.next(&mut timeline).map_err(|wrong| wrong.to_string())?;
    }
    Ok((run, timeline))
}

/// The lesson's two files.
///
/// # Errors
/// As [`played`].
pub fn exported(id: &str) -> Result<(TakeHome, Genesis), String> {
    let (run, timeline) = played(id)?;
    let files = take_home(&timeline, &run.lesson().title, &run.story(&timeline)).map_err(|wrong| wrong.to_string())?;
    Ok((files, timeline.genesis().clone()))
}

/// The script's lines behind the start of the cluster.
///
/// # Errors
/// A line that the oracle cannot play, with its number.
pub fn replayed(script: &str, genesis: &Genesis) -> Result<Vec<Replayed>, String> {
    let mut alive: Vec<i32> = genesis.brokers.iter().copied().filter(|id| !genesis.not_started.contains(id)).collect();
    let mut steps: Vec<Replayed> = Vec::new();
    let mut lines = script.lines().enumerate().skip_while(|(_, line)| *line != "# ==== The run").skip(1);
    while let Some((number, line)) = lines.next() {
        if let Some(text) = line.strip_prefix("#= ") {
            let Some(last) = steps.last_mut() else { return Err(format!("line {number}: nothing was done yet")) };
            match text.strip_prefix("exit status ") {
                Some(status) => last.status = status.parse().map_err(|_| format!("line {number}: {text}"))?,
                None => last.expected.get_or_insert_default().push(text.to_owned()),
            }
            continue;
        }
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let words: Vec<&str> = line.split(' ').collect();
        let step = match &words[..] {
            ["sleep", seconds] => {
                let seconds: f64 = seconds.parse().map_err(|_| format!("line {}: {line}", number + 1))?;
                json!({"do": "sleep", "ms": (seconds * 1000.0).round() as u64})
            }
            ["await", _] => json!({"do": "await", "that": {"brokers": alive.clone()}}),
            ["docker", "compose", verb @ .., service] => {
                node_step(verb, service, &mut alive).ok_or_else(|| format!("line {}: {line}", number + 1))?
            }
            [tool, ..] if tool.ends_with(".sh") => {
                let (line, end) = match line.split_once(" <<'") {
                    Some((line, end)) => (line, end.strip_suffix('\'')),
                    None => (line, None),
                };
                let mut step = json!({"do": "tool", "line": line.replace("\"$BOOTSTRAP\"", "BOOTSTRAP")});
                if let Some(end) = end {
                    let read: Vec<&str> =
                        lines.by_ref().map(|(_, text)| text).take_while(|text| *text != end).collect();
                    step["stdin"] = json!(read.join("\n") + "\n");
                }
                step
            }
            _ => return Err(format!("line {}: the oracle cannot play: {line}", number + 1)),
        };
        steps.push(Replayed { step, expected: None, status: 0 });
    }
    Ok(steps)
}

fn node_step(verb: &[&str], service: &str, alive: &mut Vec<i32>) -> Option<Value> {
    let (kind, id) = service.rsplit_once('-')?;
    let id: i32 = id.parse().ok()?;
    let verb = match verb {
        ["stop", "-t", "300"] => "stop",
        ["unpause"] => "resume",
        [verb @ ("kill" | "start" | "pause")] => verb,
        _ => return None,
    };
    if kind == "broker" {
        match verb {
            "kill" | "stop" => alive.retain(|known| *known != id),
            "start" => alive.push(id),
            _ => {}
        }
        alive.sort_unstable();
    }
    let (done, node) = (format!("{verb}-{kind}"), json!(id));
    Some(if kind == "broker" { json!({"do": done, "broker": node}) } else { json!({"do": done, "zookeeper": node}) })
}

/// A case for the oracle.
pub fn case(id: &str, title: &str, genesis: &Genesis, steps: &[Replayed]) -> Value {
    let config: serde_json::Map<String, Value> =
        genesis.config.iter().map(|(name, value)| (name.to_string(), json!(value.to_string()))).collect();
    json!({
        "id": format!("take-home/{id}"),
        "title": format!("The script of the lesson \"{title}\", as the playground exports it"),
        "source": "take home",
        "cluster": {
            "brokers": genesis.brokers, "not_started": genesis.not_started, "zookeeper": genesis.zookeeper,
            "tick_ms": genesis.tick_ms, "config": config,
        },
        "steps": steps.iter().map(|replayed| replayed.step.clone()).collect::<Vec<_>>(),
    })
}
