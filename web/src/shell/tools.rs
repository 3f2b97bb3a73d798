//! What Kafka's tools have printed up to this moment, taken from what the timeline tells.

use playground_core::command::{Command, NodeRef};
use playground_core::ids::NodeId;
use playground_core::machine::Observation;
use playground_core::timeline::Timeline;

use crate::model::Shared;
use crate::model::terminal::ToolOutput;

/// The process of commands that are lines of tools.
const ADMIN: &str = "admin";
/// So many of a tool's newest lines are shown.
const LINES_MAX: usize = 400;

/// Remembers which events tell of tools.
#[derive(Debug, Default)]
pub struct Tools {
    branch: usize,
    /// Events that were looked at.
    seen: usize,
    /// Places of those that tell of tools.
    found: Vec<usize>,
    /// How many of these had happened, and how many commands were given, when the outputs were made.
    made_of: Option<(usize, usize)>,
    outputs: Shared<Vec<ToolOutput>>,
}

impl Tools {
    /// The outputs of all tools that were started up to here; the same allocation while nothing is printed.
    pub fn outputs(&mut self, timeline: &Timeline) -> Shared<Vec<ToolOutput>> {
        let events = timeline.events();
        if self.branch != timeline.active_branch() || self.seen > events.len() {
            *self = Self { branch: timeline.active_branch(), ..Self::default() };
        }
        let is_of_tool = |observation: &Observation| {
            matches!(
                observation,
                Observation::ToolStarted { .. } | Observation::ToolPrinted { .. } | Observation::ToolEnded { .. }
            )
        };
        let fresh = events.iter().enumerate().skip(self.seen).filter(|(_, event)| is_of_tool(event.observation));
        self.found.extend(fresh.map(|(place, _)| place));
        self.seen = events.len();
        let here = timeline.position();
        let happened =
            self.found.partition_point(|place| events.get(*place).is_some_and(|event| event.position <= here));
        if self.made_of != Some((happened, here.commands)) {
            self.made_of = Some((happened, here.commands));
            self.outputs = Shared::new(made_of(timeline, self.found.get(..happened).unwrap_or_default()));
        }
        self.outputs.clone()
    }
}

fn made_of(timeline: &Timeline, places: &[usize]) -> Vec<ToolOutput> {
    let mut outputs: Vec<(u64, ToolOutput)> = Vec::new();
    for event in places.iter().filter_map(|place| timeline.events().get(*place)) {
        match event.observation {
            Observation::ToolStarted { ticket, line } => {
                let of_its_own = !matches!(&event.node, NodeId::Client(name) if &**name == ADMIN);
                let process = of_its_own.then(|| event.node.clone());
                let command = event.position.commands;
                let output = ToolOutput {
                    command,
                    line: line.clone(),
                    process,
                    lines: Vec::new(),
                    status: None,
                    stopping: false,
                };
                outputs.push((*ticket, output));
            }
            Observation::ToolPrinted { ticket, stderr, text } => {
                if let Some((_, output)) = outputs.iter_mut().rev().find(|(of, _)| of == ticket) {
                    output.lines.push((*stderr, text.clone()));
                }
            }
            Observation::ToolEnded { ticket, status, .. } => {
                if let Some((_, output)) = outputs.iter_mut().rev().find(|(of, _)| of == ticket) {
                    output.status = Some(*status);
                }
            }
            _ => {}
        }
    }
    let mut outputs: Vec<ToolOutput> = outputs.into_iter().map(|(_, output)| output).collect();
    for (number, (_, command)) in timeline.journal().take(timeline.position().commands).enumerate() {
        let Command::Stop(NodeRef::Node(node)) = command else { continue };
        let told =
            outputs.iter_mut().filter(|output| output.command <= number && output.process.as_ref() == Some(node));
        told.for_each(|output| output.stopping = true);
    }
    for output in &mut outputs {
        let surplus = output.lines.len().saturating_sub(LINES_MAX);
        output.lines.drain(..surplus);
    }
    outputs
}
