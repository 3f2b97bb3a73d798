//! The open lesson as the panels draw it: the lesson of `core` with where the learner stands in it.

use std::rc::Rc;

use playground_core::command::Command;
use playground_core::ids::Name;
use playground_core::lesson::{AskKind, AskState, Layer, Lesson, NextKind, Pick, Status, Step, Target, Verdict};
use playground_core::view::ClusterView;

use crate::model::Subject;
use crate::scene::{HueBy, Layers, Places, Selection};

/// The open lesson, or the sandbox, which is a lesson that asks nothing.
#[derive(Clone, PartialEq, Debug)]
pub struct LessonView {
    /// Its name in links.
    pub id: String,
    /// The lesson itself.
    pub lesson: Rc<Lesson>,
    /// Where the learner stands.
    pub status: Status,
    /// It is the sandbox.
    pub is_sandbox: bool,
    /// Its place in the built-in list, from 0; `None` for a file of one's own.
    pub number: Option<usize>,
    /// The learner has given a command of their own in this step.
    pub acted: bool,
}

impl LessonView {
    /// The step shown.
    pub fn step(&self) -> &Step {
        let last = self.lesson.steps.len().saturating_sub(1);
        &self.lesson.steps[self.status.step.min(last)]
    }

    /// A prediction is due: time may not pass.
    pub fn waits_for_answer(&self) -> bool {
        !self.status.may_advance
    }

    /// The next step may be opened.
    pub fn may_advance(&self) -> bool {
        self.status.next.enabled && matches!(self.status.next.kind, NextKind::Next)
    }

    /// The learner has acted; what is missing is time.
    pub fn waits_for_time(&self) -> bool {
        self.acted && self.status.next.kind == NextKind::YourTurn
    }

    /// Everything is done.
    pub fn is_done(&self) -> bool {
        !self.is_sandbox && self.status.next.kind == NextKind::Finish
    }

    /// The option that stands for `subject` in the picture.
    pub fn option_at(&self, subject: &Subject) -> Option<usize> {
        let ask = self.step().ask.as_ref()?;
        ask.options.iter().position(|option| option.place.as_ref().is_some_and(|place| stands_for(place, subject)))
    }

    /// What is picked, if it is an option.
    pub fn picked(&self) -> Option<usize> {
        match self.status.ask {
            AskState::Picked(pick) | AskState::Locked(pick) | AskState::Graded { pick, .. } => match pick {
                Pick::Option(number) => Some(number),
                Pick::DontKnow => None,
            },
            AskState::None | AskState::Open => None,
        }
    }

    /// How the answer fared, in words for the card's head.
    pub fn verdict(&self) -> Option<(Verdict, &'static str)> {
        let AskState::Graded { verdict, .. } = self.status.ask else { return None };
        let words = match verdict {
            Verdict::Right => "as you said",
            Verdict::Wrong => "not this time",
            Verdict::NotSaid => "now you have seen it",
            Verdict::Unclear => "hard to say here",
        };
        Some((verdict, words))
    }

    /// What is selected when it opens.
    pub fn selected(&self, view: &ClusterView) -> Option<Subject> {
        self.lesson.select.as_ref().and_then(|target| subject(target, view))
    }

    /// The topic that the picture begins with.
    pub fn topic(&self) -> Option<Name> {
        self.lesson.topic.clone()
    }

    /// The topic that the open step points at, if it does.
    pub fn topic_of_step(&self) -> Option<Name> {
        self.step().look.iter().find_map(|look| match &look.target {
            Target::Topic(topic) => Some(topic.clone()),
            Target::Partition(tp) | Target::Replica(tp, _) | Target::Record(tp, _) => Some(tp.topic.clone()),
            _ => None,
        })
    }

    /// What the narration points at.
    pub fn highlight(&self, view: &ClusterView) -> Vec<Selection> {
        let looks = self.step().look.iter().filter_map(|look| subject(&look.target, view));
        looks.filter_map(|subject| subject.thing().cloned()).collect()
    }

    /// Where the prediction is answered in the picture, while it is open.
    pub fn asked(&self) -> Option<Places> {
        if !matches!(self.status.ask, AskState::Open | AskState::Picked(_)) {
            return None;
        }
        let ask = self.step().ask.as_ref()?;
        let places = || ask.options.iter().filter_map(|option| option.place.as_ref());
        match ask.kind {
            AskKind::Options => None,
            AskKind::Partition => Some(Places::NextOffsets(
                places()
                    .filter_map(|place| if let Target::Partition(tp) = place { Some(tp.partition) } else { None })
                    .collect(),
            )),
            AskKind::Broker => Some(Places::Brokers(
                places().filter_map(|place| if let Target::Broker(id) = place { Some(*id) } else { None }).collect(),
            )),
            AskKind::Record => Some(Places::Records(
                places()
                    .filter_map(|place| if let Target::Record(tp, at) = place { Some((tp.clone(), *at)) } else { None })
                    .collect(),
            )),
        }
    }

    /// The thing in the picture that the picked option stands for.
    pub fn picked_thing(&self, view: &ClusterView) -> Option<Selection> {
        let option = self.step().ask.as_ref()?.options.get(self.picked()?)?;
        subject(option.place.as_ref()?, view)?.thing().cloned()
    }

    /// Layers of the picture that exist yet.
    pub fn layers(&self) -> Layers {
        let known = self.lesson.layers(self.status.step);
        let has = |layer| self.is_sandbox || known.contains(&layer);
        let mut layers = Layers::NONE;
        layers.zookeeper = has(Layer::ZooKeeper) || has(Layer::Controller);
        layers.isr = has(Layer::Isr);
        // Who knows what is in sync has met the controller.
        layers.controller = layers.zookeeper || layers.isr;
        layers.epochs = has(Layer::LeaderEpoch);
        layers.watermark = has(Layer::HighWatermark);
        layers.coordinator = has(Layer::Groups);
        layers.consumers = has(Layer::Consumers) || has(Layer::Groups) || has(Layer::CommittedOffsets);
        layers.ledger = has(Layer::Ledger);
        layers.messages = has(Layer::Messages) || has(Layer::Fetches);
        layers
    }

    /// Hue stands for consumers in lessons about groups.
    pub fn hue_by(&self) -> HueBy {
        let layers = self.lesson.layers(self.status.step);
        if !self.is_sandbox && layers.contains(&Layer::Groups) && !layers.contains(&Layer::LeaderEpoch) {
            HueBy::Consumer
        } else {
            HueBy::Partition
        }
    }

    /// Cells show keys: the lesson sends records with one.
    pub fn key_letters(&self) -> bool {
        let steps = self.lesson.steps.iter().take(self.status.step + 1);
        let mut commands = steps.flat_map(|step| step.run.iter().chain(&step.play));
        !self.is_sandbox && commands.any(|command| matches!(command, Command::Send { key: Some(_), .. }))
    }

    /// What is asked for is typed, not pressed in the picture: the command line has to be open.
    pub fn needs_command_line(&self) -> bool {
        let mut solution = self.step().solution.iter();
        solution.any(|command| {
            matches!(
                command,
                Command::Send { .. }
                    | Command::Tool(_)
                    | Command::Type { .. }
                    | Command::CreateTopic { .. }
                    | Command::AlterConfig { .. }
                    | Command::ElectLeader { .. }
                    | Command::ReassignPartitions { .. }
                    | Command::CancelReassignments { .. }
                    | Command::DeleteRecords { .. }
                    | Command::DeleteGroup { .. }
                    | Command::DeleteGroupOffsets { .. }
                    | Command::ResetOffsets { .. }
            )
        })
    }
}

/// The subject that a target of a lesson names.
pub fn subject(target: &Target, view: &ClusterView) -> Option<Subject> {
    Some(match target {
        Target::Broker(id) => Subject::Thing(Selection::Broker(*id)),
        Target::Partition(tp) => Subject::Thing(Selection::Partition(tp.clone())),
        Target::Replica(tp, broker) => Subject::Thing(Selection::Replica(*broker, tp.clone())),
        // The leader's copy stands for the record.
        Target::Record(tp, offset) => {
            let partitions = view.topics.iter().flat_map(|topic| &topic.partitions);
            let leader = partitions.into_iter().find(|partition| partition.tp == *tp).and_then(|one| one.leader);
            Subject::Thing(Selection::Record(leader.unwrap_or(-1), tp.clone(), *offset))
        }
        Target::Client(client) if view.consumers.iter().any(|one| one.client == *client) => {
            Subject::Thing(Selection::Consumer(client.clone()))
        }
        Target::Client(client) => Subject::Thing(Selection::Producer(client.clone())),
        Target::Group(group) => Subject::Thing(Selection::Group(group.clone())),
        Target::Topic(topic) => Subject::Topic(topic.clone()),
        Target::Znode(path) => Subject::Znode(path.clone()),
        Target::Layer(_) => return None,
    })
}

fn stands_for(place: &Target, subject: &Subject) -> bool {
    match (place, subject) {
        (Target::Broker(id), Subject::Thing(Selection::Broker(other))) => id == other,
        (
            Target::Partition(tp),
            Subject::Thing(Selection::Partition(other) | Selection::Replica(_, other) | Selection::Record(_, other, _)),
        ) => tp == other,
        (Target::Record(tp, offset), Subject::Thing(Selection::Record(_, other, at))) => tp == other && offset == at,
        _ => false,
    }
}
