//! What can be found by a few words: things of this cluster, lessons, terms, configs, error codes. An entry matches
//! if it has every word, in its name or in what is said of it; those whose name has them come first.

use std::fmt::Write as _;

use playground_core::collections::Order;
use playground_core::ids::Name;
use playground_core::lesson::Lesson;
use playground_core::view::{ClusterView, ConfigDef, ConfigKind, ErrorCode, config_doc};

use super::action::Action;
use super::inquiry::ConfigOwner;
use super::state::{Dialog, DockTab};
use super::subject::Subject;
use crate::course;
use crate::scene::Selection;

/// Of each kind so many are shown at most.
const SHOWN: usize = 6;
/// So many lessons are named with a config or an error code at most.
const LESSONS_NAMED: usize = 3;

/// How an entry ranks that has the words only in what is said of it.
const WORST: u8 = 4;

/// Kinds of entries, in the order in which they stand where they match equally well.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// Something of the cluster in the picture.
    Here,
    /// A lesson.
    Lesson,
    /// A term of the glossary.
    Term,
    /// A config of brokers, topics or clients.
    Config,
    /// An error code of the protocol.
    Error,
}

impl Kind {
    /// All of them.
    const ALL: [Self; 5] = [Self::Here, Self::Lesson, Self::Term, Self::Config, Self::Error];

    /// The heading above its entries.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Here => "In this cluster",
            Self::Lesson => "Lessons",
            Self::Term => "Words",
            Self::Config => "Configs",
            Self::Error => "Error codes",
        }
    }
}

/// Something that can be found.
#[derive(Clone, Debug)]
pub struct Entry {
    /// What kind of thing.
    pub kind: Kind,
    /// What it is called.
    pub name: String,
    /// Other names of it, in small letters.
    also: Vec<String>,
    /// Beside the name: number, type, default.
    pub aside: String,
    /// What is said of it.
    pub text: String,
    /// Name, other names, aside and text in small letters.
    hay: String,
    /// What opens it.
    pub open: Vec<Action>,
    /// Lessons that speak of it: id and title.
    pub lessons: Vec<(String, String)>,
}

/// The entries of one kind that match.
#[derive(Clone, Debug)]
pub struct Group<'a> {
    /// The kind.
    pub kind: Kind,
    /// The best ones.
    pub entries: Vec<&'a Entry>,
    /// How many more there are.
    pub more: usize,
}

impl Entry {
    fn new(kind: Kind, name: impl Into<String>, aside: String, text: String, open: Vec<Action>) -> Self {
        Self { kind, name: name.into(), also: Vec::new(), aside, text, hay: String::new(), open, lessons: Vec::new() }
    }

    fn known_as(mut self, other: impl AsRef<str>) -> Self {
        self.also.push(other.as_ref().to_ascii_lowercase());
        self
    }

    /// How well it matches: less is better.
    fn rank(&self, words: &[&str]) -> Option<u8> {
        if !words.iter().all(|word| self.hay.contains(word)) {
            return None;
        }
        let name = self.name.to_ascii_lowercase();
        let (whole, first) = (words.join(" "), words.first().copied().unwrap_or_default());
        let named = |test: &dyn Fn(&str) -> bool| std::iter::once(&name).chain(&self.also).any(|name| test(name));
        let begins_a_word = |name: &str| name.split(['.', '_', '-', ' ']).any(|part| part.starts_with(first));
        Some(match () {
            () if named(&|name| name == whole) => 0,
            () if named(&|name| name.starts_with(&whole)) => 1,
            () if named(&|name| words.iter().all(|word| name.contains(word)) && begins_a_word(name)) => 2,
            () if named(&|name| words.iter().all(|word| name.contains(word))) => 3,
            () => WORST,
        })
    }
}

/// Everything that can be found now.
pub fn entries(view: &ClusterView) -> Vec<Entry> {
    let lessons = course::heads();
    let mut all = here(view);
    all.extend(lessons.iter().map(lesson));
    all.extend(terms());
    let named = Mentions::of(&lessons);
    all.extend(configs(view).into_iter().chain(errors()).map(|entry| named.with(entry)));
    for entry in &mut all {
        entry.hay =
            format!("{} {} {} {}", entry.name, entry.also.join(" "), entry.aside, entry.text).to_ascii_lowercase();
    }
    all
}

/// What matches `query`, the kind with the best match first; nothing if there is no word in it.
pub fn find<'a>(all: &'a [Entry], query: &str) -> Vec<Group<'a>> {
    let query = query.to_ascii_lowercase();
    let words: Vec<&str> = query.split_whitespace().collect();
    if words.is_empty() {
        return Vec::new();
    }
    let ranked: Vec<(u8, &Entry)> = all.iter().filter_map(|entry| Some((entry.rank(&words)?, entry))).collect();
    let mut groups: Vec<Group<'a>> = Vec::new();
    // Each kind stands where its best entry stands, and in it the entries as they were.
    for best in 0..=WORST {
        for kind in Kind::ALL {
            let of_rank = |rank: u8| ranked.iter().filter(move |(one, entry)| *one == rank && entry.kind == kind);
            if groups.iter().any(|group| group.kind == kind) || of_rank(best).next().is_none() {
                continue;
            }
            let mut entries: Vec<&Entry> = (best..=WORST).flat_map(of_rank).map(|(_, entry)| *entry).collect();
            let more = entries.len().saturating_sub(SHOWN);
            entries.truncate(SHOWN);
            groups.push(Group { kind, entries, more });
        }
    }
    groups
}

fn here(view: &ClusterView) -> Vec<Entry> {
    let entry = |name: String, what: &str, subject: Subject| {
        Entry::new(Kind::Here, name, what.to_owned(), String::new(), vec![Action::Select(Some(subject))])
    };
    let thing = |name: String, what: &str, thing: Selection| entry(name, what, Subject::Thing(thing));
    let client = |name: &Name, what: &str, selection: fn(Name) -> Selection| {
        thing(name.to_string(), what, selection(name.clone()))
    };
    let mut all = Vec::new();
    for broker in &view.brokers {
        all.push(
            thing(format!("Broker {}", broker.id), "broker", Selection::Broker(broker.id))
                .known_as(broker.id.to_string()),
        );
    }
    for server in &view.zookeeper {
        all.push(thing(format!("zk{}", server.id), "ZooKeeper server", Selection::ZooKeeper(server.id)));
    }
    for topic in &view.topics {
        all.push(entry(topic.name.to_string(), "topic", Subject::Topic(topic.name.clone())));
        for partition in &topic.partitions {
            let tp = partition.tp.clone();
            all.push(thing(tp.to_string(), "partition", Selection::Partition(tp)));
        }
    }
    all.extend(view.producers.iter().map(|one| client(&one.client, "producer", Selection::Producer)));
    all.extend(view.consumers.iter().map(|one| client(&one.client, "consumer", Selection::Consumer)));
    all.extend(view.groups.iter().map(|one| client(&one.id, "group", Selection::Group)));
    all
}

fn lesson(lesson: &Lesson) -> Entry {
    let open = vec![Action::OpenLesson(lesson.id.to_string())];
    let aside = format!("{}, {} min", lesson.chapter, lesson.minutes);
    Entry::new(Kind::Lesson, lesson.title.clone(), aside, lesson.aim.clone(), open)
}

fn terms() -> impl Iterator<Item = Entry> {
    course::glossary().entries().iter().enumerate().map(|(number, term)| {
        let open = vec![Action::Dialog(Some(Dialog::Glossary(Some(number))))];
        let entry = Entry::new(Kind::Term, term.term.clone(), String::new(), term.definition.plain(), open);
        term.also.iter().fold(entry, Entry::known_as)
    })
}

/// Every key once, with what it is where; those of the same name stand together.
fn configs(view: &ClusterView) -> Vec<Entry> {
    const KINDS: [(ConfigKind, &str); 4] = [
        (ConfigKind::Topic, "topic"),
        (ConfigKind::Broker, "broker"),
        (ConfigKind::Producer, "producer"),
        (ConfigKind::Consumer, "consumer"),
    ];
    let mut all: Vec<Entry> = Vec::new();
    for (kind, of) in KINDS {
        let owner = owner_of(view, kind);
        for def in kind.defs() {
            let known = all.iter().position(|entry| entry.name == def.name);
            let at = known.unwrap_or_else(|| {
                let text = config_doc(def.name).to_owned();
                all.push(Entry::new(Kind::Config, def.name, String::new(), text, Vec::new()));
                all.len() - 1
            });
            let Some(entry) = all.get_mut(at) else { continue };
            let apart = if entry.aside.is_empty() { "" } else { "; " };
            let _ = write!(entry.aside, "{apart}{of}: {}", told(&def));
            if entry.open.is_empty()
                && let Some(owner) = &owner
            {
                entry.open.push(Action::ConfigOf(owner.clone(), def.name));
            }
        }
    }
    all
}

/// Type and default of a key.
fn told(def: &ConfigDef) -> String {
    let default = match def.default {
        _ if def.required => return format!("{}, must be given", def.config_type.name()),
        None => "null",
        Some("") => "empty",
        Some(default) => default,
    };
    format!("{}, default {default}", def.config_type.name())
}

/// The first one here that has configs of this kind.
fn owner_of(view: &ClusterView, kind: ConfigKind) -> Option<ConfigOwner> {
    match kind {
        ConfigKind::Broker => view.brokers.first().map(|one| ConfigOwner::Broker(one.id)),
        ConfigKind::Topic => {
            let own = view.topics.iter().find(|one| !one.internal);
            own.or(view.topics.first()).map(|one| ConfigOwner::Topic(one.name.clone()))
        }
        ConfigKind::Producer => view.producers.first().map(|one| ConfigOwner::Client(one.client.clone())),
        ConfigKind::Consumer => view.consumers.first().map(|one| ConfigOwner::Client(one.client.clone())),
    }
}

fn errors() -> impl Iterator<Item = Entry> {
    ErrorCode::ALL.iter().filter(|error| !error.is_none()).map(|error| {
        let again = if error.is_retriable() { ", the client may try again" } else { "" };
        let aside = format!("code {}{again}", error.code());
        // Where it was answered here.
        let open = vec![Action::Filter(error.name().to_owned()), Action::Dock(Some(DockTab::Events))];
        let entry = Entry::new(Kind::Error, error.name(), aside, error.message().to_owned(), open);
        entry.known_as(error.exception()).known_as(error.code().to_string())
    })
}

/// Which lesson speaks of what stands between its backticks.
struct Mentions<'a>(Vec<(&'a str, Vec<&'a Lesson>)>);

impl<'a> Mentions<'a> {
    fn of(lessons: &'a [Lesson]) -> Self {
        let mut all: Vec<(&str, usize)> = Vec::new();
        for (number, text) in course::texts().iter().enumerate() {
            all.extend(text.split('`').skip(1).step_by(2).map(|word| (word, number)));
        }
        all.order();
        all.dedup();
        let mut named: Vec<(&str, Vec<&Lesson>)> = Vec::new();
        for (word, number) in all {
            let Some(lesson) = lessons.get(number) else { continue };
            match named.last_mut().filter(|(last, _)| *last == word) {
                Some((_, lessons)) => lessons.push(lesson),
                None => named.push((word, vec![lesson])),
            }
        }
        Self(named)
    }

    fn with(&self, mut entry: Entry) -> Entry {
        if let Ok(at) = self.0.binary_search_by(|(word, _)| (*word).cmp(entry.name.as_str())) {
            let lessons = self.0[at].1.iter().take(LESSONS_NAMED);
            entry.lessons = lessons.map(|lesson| (lesson.id.to_string(), lesson.title.clone())).collect();
        }
        entry
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shell::engine::Engine;

    fn all() -> Vec<Entry> {
        entries(&Engine::named("losing-a-broker").unwrap().view())
    }

    fn names(all: &[Entry], query: &str) -> Vec<(Kind, Vec<String>)> {
        let groups = find(all, query);
        groups.iter().map(|one| (one.kind, one.entries.iter().map(|entry| entry.name.clone()).collect())).collect()
    }

    #[test]
    fn nothing_is_found_by_nothing() {
        assert!(find(&all(), "  ").is_empty());
        assert!(find(&all(), "no such thing anywhere").is_empty());
    }

    #[test]
    fn what_is_named_so_comes_first() {
        let all = all();
        let min_isr = names(&all, "min.insync.replicas");
        assert_eq!(min_isr[0], (Kind::Term, vec!["min.insync.replicas".to_owned()]));
        assert_eq!(min_isr[1], (Kind::Config, vec!["min.insync.replicas".to_owned()]));
        let found = names(&all, "NotLeaderOrFollowerException");
        assert_eq!(found[0], (Kind::Error, vec!["NOT_LEADER_OR_FOLLOWER".to_owned()]), "by the client's name for it");
        assert_eq!(names(&all, "102")[0].1[0], "Broker 102");
        assert_eq!(names(&all, "high watermark")[0].1[0], "high watermark");
        assert_eq!(names(&all, "Losing a broker")[0].1[0], "Losing a broker");
        let codes = names(&all, "6");
        assert_eq!(codes.iter().find(|(kind, _)| *kind == Kind::Error).unwrap().1[0], "NOT_LEADER_OR_FOLLOWER");
    }

    #[test]
    fn words_may_stand_in_any_order_and_anywhere() {
        let all = all();
        let configs = find(&all, "replicas min").into_iter().find(|group| group.kind == Kind::Config).unwrap();
        assert_eq!(configs.entries[0].name, "min.insync.replicas");
        assert!(find(&all, "e").iter().all(|group| group.entries.len() <= SHOWN && !group.entries.is_empty()));
        assert!(find(&all, "ms").iter().any(|group| group.kind == Kind::Config && group.more > 20));
    }

    #[test]
    fn a_config_tells_where_it_is_what_and_which_lessons_speak_of_it() {
        let all = all();
        let of = |name: &str| all.iter().find(|entry| entry.kind == Kind::Config && entry.name == name).unwrap();
        let min_isr = of("min.insync.replicas");
        assert!(min_isr.aside.contains("topic: INT, default 1; broker: INT, default 1"), "{}", min_isr.aside);
        assert!(!min_isr.lessons.is_empty() && !min_isr.text.is_empty());
        assert!(matches!(&min_isr.open[..], [Action::ConfigOf(ConfigOwner::Topic(_), "min.insync.replicas")]));
        assert!(
            of("bootstrap.servers").aside.contains("must be given") || of("bootstrap.servers").aside.contains("empty")
        );
    }
}
