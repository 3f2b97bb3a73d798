//! What the page may choose about the picture. Facts about the cluster come from the view alone.

use std::rc::Rc;

use playground_core::ids::{BrokerId, Name, TopicPartition};
use playground_core::view::ClusterView;

/// Light or dark.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Theme {
    /// Ink on paper.
    #[default]
    Light,
    /// Paper on ink.
    Dark,
}

/// Which layers of the picture exist yet. A lesson names them as they are taught; what is not
/// named is absent, not greyed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Layers {
    /// The ensemble, sessions and ephemeral znodes.
    pub zookeeper: bool,
    /// Which replicas are in sync, at each column's head, and what producers wait for.
    pub isr: bool,
    /// The controller's star.
    pub controller: bool,
    /// Leader epochs on the tapes.
    pub epochs: bool,
    /// The high watermark.
    pub watermark: bool,
    /// The group coordinator's diamond.
    pub coordinator: bool,
    /// Consumers, their committed offsets and groups.
    pub consumers: bool,
    /// What became of every record, at the foot.
    pub ledger: bool,
    /// Messages on their way.
    pub messages: bool,
}

impl Layers {
    /// Everything, as the sandbox shows it.
    pub const ALL: Self = Self {
        zookeeper: true,
        isr: true,
        controller: true,
        epochs: true,
        watermark: true,
        coordinator: true,
        consumers: true,
        ledger: true,
        messages: true,
    };
    /// Brokers, tapes and producers alone.
    pub const NONE: Self = Self {
        zookeeper: false,
        isr: false,
        controller: false,
        epochs: false,
        watermark: false,
        coordinator: false,
        consumers: false,
        ledger: false,
        messages: false,
    };

    /// Turns on the layer called `name` (`zookeeper`, `epochs`, …); false if there is none.
    pub fn turn_on(&mut self, name: &str) -> bool {
        match name {
            "zookeeper" => self.zookeeper = true,
            "isr" => self.isr = true,
            "controller" => self.controller = true,
            "epochs" => self.epochs = true,
            "watermark" => self.watermark = true,
            "coordinator" => self.coordinator = true,
            "consumers" => self.consumers = true,
            "ledger" => self.ledger = true,
            "messages" => self.messages = true,
            _ => return false,
        }
        true
    }
}

impl Default for Layers {
    fn default() -> Self {
        Self::ALL
    }
}

/// A thing in the picture.
#[derive(Clone, PartialEq, Debug)]
pub enum Selection {
    /// A broker.
    Broker(BrokerId),
    /// A partition with all its replicas.
    Partition(TopicPartition),
    /// One replica, by broker.
    Replica(BrokerId, TopicPartition),
    /// One record of one replica, by offset.
    Record(BrokerId, TopicPartition, i64),
    /// A producer, by `client.id`.
    Producer(Name),
    /// A consumer, by `client.id`.
    Consumer(Name),
    /// A group, by id.
    Group(Name),
    /// A server of the ensemble.
    ZooKeeper(u8),
    /// A ZooKeeper session, by id.
    Session(i64),
    /// A message on its way.
    Message(u64),
    /// A network fault in force, by the number that `heal` takes.
    Fault(u32),
}

/// What hue stands for. Never both at once.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum HueBy {
    /// Each partition of the topic has its own.
    #[default]
    Partition,
    /// Each consumer has its own; tapes are neutral. For lessons about groups.
    Consumer,
}

/// Where a prediction can be answered in the picture itself.
#[derive(Clone, PartialEq, Debug)]
pub enum Places {
    /// The next free cell of these partitions of the topic shown.
    NextOffsets(Vec<i32>),
    /// These partitions of the topic shown, at their heads.
    Partitions(Vec<i32>),
    /// These brokers.
    Brokers(Vec<BrokerId>),
    /// These records, on the leader's tape.
    Records(Vec<(TopicPartition, i64)>),
}

/// A numbered link of a chain of causes.
#[derive(Clone, PartialEq, Debug)]
pub struct Pin {
    /// As in the inspector, from 1.
    pub number: u32,
    /// What it sticks in.
    pub target: Selection,
    /// What it says.
    pub kind: PinKind,
}

/// What a pin says about its link.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PinKind {
    /// Something broke here.
    Broke,
    /// This followed.
    Followed,
    /// This comes next.
    Coming,
}

/// A state before, compared by identity: what it holds is not read for that.
#[derive(Clone, Debug)]
pub struct Before(Rc<ClusterView>);

impl From<Rc<ClusterView>> for Before {
    fn from(view: Rc<ClusterView>) -> Self {
        Self(view)
    }
}

impl PartialEq for Before {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

impl std::ops::Deref for Before {
    type Target = ClusterView;

    fn deref(&self) -> &ClusterView {
        &self.0
    }
}

/// All choices.
#[derive(Clone, PartialEq, Debug)]
pub struct SceneOptions {
    /// Light or dark.
    pub theme: Theme,
    /// Which layers exist yet.
    pub show: Layers,
    /// Cells show their record's key instead of its offset.
    pub key_letters: bool,
    /// Ringed in every view.
    pub selected: Option<Selection>,
    /// A prediction that is answered in the picture.
    pub asked: Option<Places>,
    /// The answer picked so far.
    pub picked: Option<Selection>,
    /// What the narration points at.
    pub highlight: Vec<Selection>,
    /// What is to be done next: drawn in the one yellow (a truck, a broker).
    pub next_action: Option<Selection>,
    /// The chain of causes.
    pub pins: Vec<Pin>,
    /// What hue stands for.
    pub hue_by: HueBy,
    /// The topic shown; the first that is not internal if `None` or gone.
    pub topic: Option<Name>,
    /// Tapes show the whole log however small its records get, not the newest that are legible.
    pub whole_log: bool,
    /// Nothing travels: messages stand at the middle of their way with the fraction as text.
    pub reduced_motion: bool,
    /// Of a large cluster only what is not in full strength is shown.
    pub only_unhealthy: bool,
    /// Phone: letters for names, narrow plates, 44 px targets.
    pub compact: bool,
    /// The state before the last step, to mark what changed.
    pub previous: Option<Before>,
}

impl Default for SceneOptions {
    fn default() -> Self {
        Self {
            theme: Theme::Light,
            show: Layers::ALL,
            key_letters: false,
            selected: None,
            asked: None,
            picked: None,
            highlight: Vec::new(),
            next_action: None,
            pins: Vec::new(),
            hue_by: HueBy::Partition,
            topic: None,
            whole_log: false,
            reduced_motion: false,
            only_unhealthy: false,
            compact: false,
            previous: None,
        }
    }
}

impl SceneOptions {
    /// Whether `thing` is selected or pointed at.
    pub fn stands_out(&self, thing: &Selection) -> bool {
        self.selected.as_ref() == Some(thing) || self.highlight.contains(thing)
    }

    /// What is drawn in the yellow of the next action: what the page says, or the truck that the
    /// narration points at while it is asked where its record goes.
    pub fn acts(&self) -> Option<&Selection> {
        let asked = matches!(self.asked, Some(Places::NextOffsets(_)));
        let truck = || self.highlight.iter().find(|thing| matches!(thing, Selection::Producer(_)));
        self.next_action.as_ref().or_else(|| truck().filter(|_| asked))
    }

    /// Whether anything of `tp` is selected, pointed at or asked about, so that its column needs
    /// room.
    pub fn is_about(&self, tp: &TopicPartition) -> bool {
        let of_it = |thing: &Selection| match thing {
            Selection::Partition(other) | Selection::Replica(_, other) | Selection::Record(_, other, _) => other == tp,
            _ => false,
        };
        let asked = match &self.asked {
            Some(Places::Partitions(numbers)) => numbers.contains(&tp.partition),
            Some(Places::Records(records)) => records.iter().any(|(other, _)| other == tp),
            _ => false,
        };
        asked || self.selected.iter().chain(&self.highlight).any(of_it)
    }
}
