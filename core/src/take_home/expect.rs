//! What the script looks at while the run rests, and what the simulation's tools print there.

use super::lines::{Clients, Line, STDIN};
use super::script::MARGIN_MS;
use super::shell::{BOOTSTRAP, addresses};
use crate::collections::BTreeMap;
use crate::ids::Name;
use crate::shell::{ToolLine, with_address};
use crate::time::SimDuration;
use crate::timeline::Timeline;

/// More lines than this nobody compares by eye.
const LINES_MAX: usize = 40;
/// Of more topics than this only what is wrong is looked at.
const TOPICS_MAX: usize = 4;

/// What a line of a tool prints on standard output at this moment or a little later, and its exit status.
pub(super) fn printed(line: &Line, at: &Timeline, after: SimDuration) -> Option<(Vec<String>, i32)> {
    let Line::Tool { words, stdin } = line else { return None };
    let all = addresses(&at.genesis().brokers);
    let words =
        words.iter().map(|word| if word == BOOTSTRAP { Name::from(all.as_str()) } else { Name::from(word.as_str()) });
    let text = stdin.join("\n") + "\n";
    let files = if stdin.is_empty() { Vec::new() } else { vec![(STDIN.into(), text.as_str().into())] };
    let stdin = (!stdin.is_empty()).then(|| Name::from(text.as_str()));
    let looked = at.rehearse(ToolLine { words: words.collect(), stdin, files, ..ToolLine::default() }, after)?;
    let status = looked.status?;
    let out: Vec<String> = looked.lines.into_iter().filter(|(stderr, _)| !stderr).map(|(_, text)| text).collect();
    Some((out.iter().flat_map(|text| text.lines()).map(str::to_owned).collect(), status))
}

/// The looks that told something since the last time, each with what it prints and whether chance has a part in it.
#[derive(Debug, Default)]
pub(super) struct Looks {
    told: BTreeMap<Vec<Name>, Vec<String>>,
}

impl Looks {
    /// What there is to see when the script has slept its margin longer than the run did.
    pub(super) fn new_ones(&mut self, at: &Timeline, clients: &Clients) -> Vec<(Line, Vec<String>, bool)> {
        let mut found = Vec::new();
        for (words, by_chance) in candidates(at, clients) {
            let with_address = with_address(&words, || BOOTSTRAP.to_owned());
            let line = Line::Tool { words: with_address.iter().map(ToString::to_string).collect(), stdin: Vec::new() };
            let Some((out, _)) = printed(&line, at, SimDuration::from_ms(MARGIN_MS))
                .filter(|(out, _)| (1..=LINES_MAX).contains(&out.len()))
            else {
                continue;
            };
            let before = self.told.insert(words, out.clone());
            if before.as_ref() != Some(&out) {
                found.push((line, out, by_chance || clients.astray));
            }
        }
        found
    }
}

/// Lines worth a look, with true where chance has a part in what they print.
fn candidates(at: &Timeline, clients: &Clients) -> Vec<(Vec<Name>, bool)> {
    let view = at.view();
    let own: Vec<_> = view.topics.iter().filter(|topic| !topic.name.starts_with("__")).collect();
    let mut lines = Vec::new();
    let mut look = |words: &[&str], by_chance: bool| {
        lines.push((words.iter().map(|word| Name::from(*word)).collect(), by_chance));
    };
    if own.len() > TOPICS_MAX {
        look(&["kafka-topics.sh", "--describe", "--under-replicated-partitions"], false);
        look(&["kafka-topics.sh", "--describe", "--unavailable-partitions"], false);
    } else {
        for topic in &own {
            let placed_by_chance = clients.placed_by_chance.contains(&topic.name);
            look(&["kafka-topics.sh", "--describe", "--topic", &topic.name], placed_by_chance);
            let mut replicas = topic.partitions.iter().flat_map(|partition| &partition.replicas);
            if replicas.any(|replica| replica.log_end_offset > 0) {
                look(&["kafka-get-offsets.sh", "--topic", &topic.name], clients.by_chance.contains(&topic.name));
            }
        }
    }
    for group in &view.groups {
        // Members commit by a clock of their own.
        let by_chance = !clients.by_chance.is_empty() || !group.members.is_empty();
        look(&["kafka-consumer-groups.sh", "--describe", "--group", &group.id], by_chance);
    }
    lines
}
