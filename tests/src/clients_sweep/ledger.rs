//! The ledger that the page shows, held record by record against the histories of the seed: what each
//! producer was told, what a reading of the leaders' logs finds, what the groups' books say, and which records are
//! lost, twice there, out of order, processed again or left out. The ledger's own code is not asked for any of it.
//! Whether the causes that it names can be is judged in `causes`.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use playground_core::ids::{Name, TopicPartition};
use playground_core::producer::{Outcome, Sent};
use playground_core::sim::ProcState;
use playground_core::view::{ClusterView, GroupWork, LedgerEntry, RecordFate, RemarkKind};

use super::held::{Decided, Held};
use super::run::{GROUP, Run};

/// A record with the ledger's word on it.
pub struct Pair<'a> {
    pub sent: &'a Sent,
    pub identity: u64,
    pub entry: &'a LedgerEntry,
}

impl Pair<'_> {
    pub fn value(&self) -> &str {
        self.sent.value.as_deref().unwrap_or_default()
    }

    /// Which record it is, for a sentence.
    pub fn name(&self) -> String {
        let tp = self.sent.tp.as_ref().map_or_else(|| self.sent.topic.to_string(), ToString::to_string);
        format!("{} that {} sent to {tp} at {}", self.value(), self.entry.producer, self.sent.sent_at)
    }
}

/// The histories at one moment, by partition.
pub struct Books {
    pub held: BTreeMap<TopicPartition, Held>,
    /// Partitions whose leader knows that it leads.
    pub begun: BTreeSet<TopicPartition>,
    /// How often a value was sent to a partition, by all producers.
    sent: BTreeMap<(TopicPartition, String), usize>,
    /// What groups have committed.
    committed: BTreeMap<(Name, TopicPartition), i64>,
    groups: BTreeSet<Name>,
}

impl Run {
    /// The first disagreement of the ledger with the histories. At the end (`settled`) everyone has got through
    /// with everything.
    pub fn judge_ledger(&mut self, settled: bool) -> Result<(), String> {
        self.witness.observe(&self.world);
        let view = self.viewer.view(&self.world, &self.promises);
        self.tells_as_if_new(&view)?;
        let pairs = self.pairs(&view)?;
        let books = self.books(&view, &pairs);
        let behind = behind(&pairs);
        let mut claimed: BTreeMap<(&TopicPartition, &str), BTreeSet<i64>> = BTreeMap::new();
        let mut counts: BTreeMap<(RemarkKind, bool), u64> = BTreeMap::new();
        for (index, pair) in pairs.iter().enumerate() {
            let disagreed = |what: String| format!("the ledger on {}: {what}", pair.name());
            knows(pair).map_err(disagreed)?;
            let places = claimed.entry((&pair.entry.tp, pair.value())).or_default();
            lies(pair, &books, places).map_err(disagreed)?;
            self.fate(pair, &books).map_err(disagreed)?;
            self.work(pair, &books, settled).map_err(disagreed)?;
            let wanted = self.wanted(pair, &books, behind.contains(&index));
            let named: Vec<RemarkKind> = pair.entry.remarks.iter().map(|remark| remark.kind).collect();
            if named != wanted {
                return Err(disagreed(format!("it names {named:?}, the histories show {wanted:?}; {:?}", pair.entry)));
            }
            self.causes(pair, &books).map_err(disagreed)?;
            for remark in &pair.entry.remarks {
                *counts.entry((remark.kind, remark.at.is_some())).or_insert(0) += 1;
            }
        }
        let records = pairs.len() as u64;
        self.ledger_looks += 1;
        self.ledger_records += records;
        for (kind, count) in counts {
            *self.ledger_named.entry(kind).or_insert(0) += count;
        }
        if settled { self.readings(&books) } else { Ok(()) }
    }

    /// Who has looked all the while, and judged anew only what had changed, sees what one sees who looks now.
    fn tells_as_if_new(&self, view: &ClusterView) -> Result<(), String> {
        let new = playground_core::view::view(&self.world, &self.promises).ledger;
        let mut both = view.ledger.iter().zip(new.iter());
        match both.find(|(told, new)| told != new) {
            None if view.ledger == new => Ok(()),
            other => Err(format!("the ledger of one who has looked all the while is another: {other:?}")),
        }
    }

    /// Each producer's records with their entries, in the order of sending.
    fn pairs<'a>(&'a self, view: &'a ClusterView) -> Result<Vec<Pair<'a>>, String> {
        let mut of: BTreeMap<&Name, Vec<&Rc<LedgerEntry>>> = BTreeMap::new();
        for entry in view.ledger.iter() {
            of.entry(&entry.producer).or_default().push(entry);
        }
        if !view.ledger.iter().is_sorted_by_key(|entry| entry.sent_at) {
            return Err("the ledger's records are not in the order of sending".to_owned());
        }
        let mut pairs = Vec::new();
        for (_, slot) in self.world.nodes() {
            let Some(producer) = slot.process.producer() else { continue };
            let entries = of.remove(producer.client()).unwrap_or_default();
            let sent: Vec<&Sent> = producer.ledger().collect();
            let client = producer.client();
            if sent.len() != entries.len() {
                return Err(format!("the ledger has {} records of {}, who sent {}", entries.len(), client, sent.len()));
            }
            self.told(client, &sent, producer.config().transactional_id.is_some())?;
            pairs.extend(sent.into_iter().zip(entries).map(|(sent, entry)| {
                let identity = producer.identity_of(sent);
                Pair { sent, identity, entry }
            }));
        }
        match of.keys().next() {
            Some(stranger) => Err(format!("the ledger has records of {stranger}, who is no producer")),
            None => Ok(pairs),
        }
    }

    /// What a producer's application knows is what it was told, event by event. A record that the transaction
    /// refuses is in its batch all the same (3.9.1), and is told of twice.
    fn told(&self, client: &Name, sent: &[&Sent], transactional: bool) -> Result<(), String> {
        let mut acked: BTreeMap<TopicPartition, Vec<i64>> = BTreeMap::new();
        let mut failed: BTreeMap<TopicPartition, Vec<Name>> = BTreeMap::new();
        for one in sent {
            match &one.outcome {
                Some(Outcome::Acked { tp, offset }) => acked.entry(tp.clone()).or_default().push(*offset),
                Some(Outcome::Failed { tp, error }) => {
                    let tp = tp.clone().unwrap_or_else(|| TopicPartition::new(one.topic.clone(), -1));
                    failed.entry(tp).or_default().push(error.clone());
                }
                None => {}
            }
        }
        for (tp, mut offsets) in acked {
            offsets.sort_unstable();
            if !agree(&offsets, &self.witness.acked(client, &tp), transactional) {
                return Err(format!("{client} was told other offsets of {tp} than {offsets:?}"));
            }
        }
        for (tp, mut errors) in failed {
            errors.sort_unstable();
            if !agree(&errors, &self.witness.failed(client, &tp), transactional) {
                return Err(format!("{client} was told other errors of {tp} than {errors:?}"));
            }
        }
        Ok(())
    }

    fn books(&self, view: &ClusterView, pairs: &[Pair<'_>]) -> Books {
        let (mut held, mut begun) = (BTreeMap::new(), BTreeSet::new());
        for partition in view.topics.iter().filter(|topic| !topic.internal).flat_map(|topic| &topic.partitions) {
            let log = partition.leader.and_then(|leader| Held::of(&self.world, leader, &partition.tp));
            held.extend(log.map(|log| (partition.tp.clone(), log)));
            let broker = partition.leader.and_then(|leader| self.world.broker(leader));
            let hosted = broker.and_then(|broker| broker.partitions().get(&partition.tp));
            begun.extend(hosted.filter(|hosted| hosted.is_leader).map(|_| partition.tp.clone()));
        }
        let mut sent = BTreeMap::new();
        for pair in pairs {
            if let Some(tp) = &pair.sent.tp {
                *sent.entry((tp.clone(), pair.value().to_owned())).or_insert(0) += 1;
            }
        }
        let mut committed = BTreeMap::new();
        for group in &view.groups {
            committed.extend(group.committed.iter().map(|(tp, at, _)| ((group.id.clone(), tp.clone()), *at)));
        }
        let mut groups: BTreeSet<Name> = self.world.outside().groups().cloned().collect();
        groups.extend(committed.keys().map(|(group, _)| group.clone()));
        Books { held, begun, sent, committed, groups }
    }

    /// Lost, given to a consumer, or neither.
    fn fate(&self, pair: &Pair<'_>, books: &Books) -> Result<(), String> {
        let Some(Outcome::Acked { tp, offset }) = &pair.sent.outcome else { return Ok(()) };
        let log = books.held.get(tp);
        // Of one that was sent twice the other copy may be left; that the log has it there is judged elsewhere.
        let is_gone = |log: &Held| *offset < 0 || *offset >= log.log_start_offset && !log.has(*offset, pair.value());
        let is_lost = log.is_some_and(is_gone) && pair.entry.places.is_empty();
        let read = self.witness.places(tp, pair.identity).next().is_some();
        let wanted = match (is_lost, read) {
            (true, _) => RecordFate::Lost,
            (false, true) => RecordFate::Read,
            (false, false) => RecordFate::Acked,
        };
        match pair.entry.fate == wanted {
            true => Ok(()),
            false => Err(format!("it is {:?}, the histories say {wanted:?}; {:?}", pair.entry.fate, pair.entry)),
        }
    }

    /// What each group has done with it, as its books and the polls of its members have it.
    fn work(&self, pair: &Pair<'_>, books: &Books, settled: bool) -> Result<(), String> {
        let (entry, tp) = (pair.entry, &pair.entry.tp);
        let mut wanted = Vec::new();
        for group in &books.groups {
            // Wherever it lay then: what is done stays done.
            let of_it = self.world.outside().of(group, tp).filter(|done| done.identity == pair.identity);
            let (times, rows) = of_it.fold((0, 0), |(times, rows), done| (times + done.times, rows + done.rows));
            let committed = books.committed.get(&(group.clone(), tp.clone()));
            let place = entry.places.first().copied().or(entry.offset);
            let passed = committed.is_some_and(|end| place.is_some_and(|place| place < *end));
            if times > 0 || passed {
                wanted.push(GroupWork { group: group.clone(), times, rows, passed });
            }
            self.polled(pair, group, times, settled)?;
        }
        match *entry.work == wanted {
            true => Ok(()),
            false => Err(format!("it has {:?}, the books say {wanted:?}", entry.work)),
        }
    }

    /// A group processes what its members were given, and a member that lives to the end all of it.
    fn polled(&self, pair: &Pair<'_>, group: &Name, times: u32, settled: bool) -> Result<(), String> {
        use playground_core::command::CommitPlace::{After, Async, Auto, Before, Transaction};
        let (mut given, mut given_to_living) = (0, 0);
        for place in self.witness.places(&pair.entry.tp, pair.identity) {
            for delivery in self.witness.deliveries(&pair.entry.tp, place, pair.value()) {
                let node = playground_core::ids::NodeId::Client(delivery.consumer.clone());
                let Some(slot) = self.world.slot(&node) else { continue };
                let Some(consumer) = slot.process.consumer() else { continue };
                if consumer.works_for() != group {
                    continue;
                }
                given += 1;
                given_to_living += u32::from(slot.state == ProcState::Running && !consumer.is_working());
            }
        }
        let all_done = match self.options.readers.commit {
            Auto | After | Async => true,
            Before | Transaction => **group != *GROUP,
        };
        if times > given {
            return Err(format!("{group} has processed it {times} times, its members were given it {given} times"));
        }
        if settled && all_done && times < given_to_living {
            return Err(format!(
                "{group} has processed it {times} times, members that live were given it {given_to_living} times"
            ));
        }
        Ok(())
    }

    /// What went wrong with it, in the order of the kinds; for each group that did.
    fn wanted(&self, pair: &Pair<'_>, books: &Books, is_behind: bool) -> Vec<RemarkKind> {
        let entry = pair.entry;
        let mut wanted = Vec::new();
        if entry.fate == RecordFate::Lost {
            wanted.push(RemarkKind::Lost);
        }
        if entry.duplicated {
            wanted.push(RemarkKind::Duplicated);
        }
        if is_behind {
            wanted.push(RemarkKind::Reordered);
        }
        let place = entry.places.first();
        let log = books.held.get(&entry.tp);
        let decided = log.zip(place).map_or(Decided::Plain, |(log, place)| log.decided(*place));
        for one in entry.work.iter() {
            let is_older = |place: &i64| {
                let mut given = self.witness.deliveries(&entry.tp, *place, pair.value());
                let is_its = |consumer: &Name| {
                    self.world.consumer(consumer).is_some_and(|consumer| *consumer.works_for() == one.group)
                };
                self.witness.was_before(&one.group, &entry.tp, *place, pair.sent.sent_at)
                    && !given.any(|delivery| is_its(&delivery.consumer))
            };
            // What was aborted a group that reads committed records only has to leave out; what is lost is only lost.
            let skipped = place.is_none() || decided == Decided::Aborted && self.options.readers.read_committed;
            match one.times {
                0 if one.passed && !skipped && !place.is_some_and(is_older) => wanted.push(RemarkKind::LeftOut),
                2.. => wanted.push(RemarkKind::Repeated),
                _ => {}
            }
        }
        wanted
    }

    /// What fresh readers polled from beginning to end is what the leaders' logs hold.
    fn readings(&self, books: &Books) -> Result<(), String> {
        for (reader, committed) in [("final-all", false), ("final-committed", true)] {
            let Some(consumer) = self.world.consumer(reader) else { return Err(format!("there is no {reader}")) };
            let mut read: BTreeMap<&TopicPartition, BTreeMap<i64, String>> = BTreeMap::new();
            for record in consumer.received().iter() {
                let value = String::from_utf8_lossy(record.value().unwrap_or_default()).into_owned();
                read.entry(&record.tp).or_default().insert(record.offset(), value);
            }
            for (tp, log) in &books.held {
                // A leader that lost its page cache and leads on in the same epoch leaves two histories of it.
                let excuse = if committed { self.loss_of(tp) } else { self.allowed_loss(tp) };
                if excuse.is_some() {
                    continue;
                }
                let is_seen = |state: &Decided| !committed || matches!(state, Decided::Plain | Decided::Committed);
                let of_log = log.records.iter().filter(|(_, (_, state))| is_seen(state));
                let wanted: BTreeMap<i64, String> = of_log.map(|(at, (value, _))| (*at, value.clone())).collect();
                let read = read.remove(tp).unwrap_or_default();
                let other = wanted.iter().find(|(at, value)| read.get(*at) != Some(*value));
                let more = || read.iter().find(|(at, _)| !wanted.contains_key(*at));
                if let Some((at, value)) = other.or_else(more) {
                    return Err(format!(
                        "{reader} has {:?} at {at} of {tp}, its leader's log holds {:?}; it says {value}",
                        read.get(at),
                        log.records.get(at)
                    ));
                }
            }
        }
        Ok(())
    }
}

/// Records behind one that the same producer sent to the partition later, by their first places in the log.
fn behind(pairs: &[Pair<'_>]) -> BTreeSet<usize> {
    let mut lowest: BTreeMap<(&Name, &TopicPartition), i64> = BTreeMap::new();
    let mut behind = BTreeSet::new();
    for (index, pair) in pairs.iter().enumerate().rev() {
        let Some(place) = pair.entry.places.first() else { continue };
        let lowest = lowest.entry((&pair.entry.producer, &pair.entry.tp)).or_insert(*place);
        if place > lowest {
            behind.insert(index);
        }
        *lowest = (*place).min(*lowest);
    }
    behind
}

/// Both are sorted: they are the same, or the second has more.
fn agree<T: Ord>(known: &[T], told: &[T], or_more: bool) -> bool {
    let mut rest = told.iter();
    if or_more { known.iter().all(|one| rest.any(|other| other == one)) } else { known == told }
}

/// What the producer's application knows.
fn knows(pair: &Pair<'_>) -> Result<(), String> {
    let Pair { sent, entry, .. } = pair;
    let unplaced = TopicPartition::new(sent.topic.clone(), -1);
    let same = entry.key == sent.key
        && *entry.value == *pair.value()
        && entry.tp == *sent.tp.as_ref().unwrap_or(&unplaced)
        && entry.sent_at == sent.sent_at;
    let known = match &sent.outcome {
        None => (entry.fate, entry.offset, &entry.error) == (RecordFate::Sent, None, &None),
        Some(Outcome::Failed { error, .. }) => {
            (entry.fate, entry.offset, entry.error.as_ref()) == (RecordFate::Failed, None, Some(error))
        }
        Some(Outcome::Acked { offset, .. }) => {
            entry.fate.is_acked() && entry.offset == (*offset >= 0).then_some(*offset) && entry.error.is_none()
        }
    };
    if same && known { Ok(()) } else { Err(format!("its producer knows {sent:?}, the entry is {entry:?}")) }
}

/// Where the leader's log holds it. Of a value that was sent several times each record has its own places.
fn lies(pair: &Pair<'_>, books: &Books, claimed: &mut BTreeSet<i64>) -> Result<(), String> {
    let entry = pair.entry;
    let all = books.held.get(&entry.tp).map_or(&[][..], |log| log.places(pair.value()));
    let sent = books.sent.get(&(entry.tp.clone(), pair.value().to_owned())).copied().unwrap_or(0);
    let wrong = |what: &str| Err(format!("{what}: the log holds it at {all:?}; {entry:?}"));
    if entry.duplicated != (all.len() > sent) && pair.sent.tp.is_some() {
        return wrong(&format!("it was sent {sent} times"));
    }
    if sent <= 1 {
        return if entry.places == all || pair.sent.tp.is_none() { Ok(()) } else { wrong("other places") };
    }
    let own = entry.offset.filter(|offset| all.contains(offset));
    let fits = match (entry.offset, own) {
        (Some(_), Some(own)) => entry.places == [own],
        (Some(_), None) => entry.places.is_empty(),
        (None, _) => entry.places.len() <= 1,
    };
    let is_own = |place: &i64| all.contains(place) && claimed.insert(*place);
    if !fits || !entry.places.iter().all(is_own) {
        return wrong("places that are not its own");
    }
    Ok(())
}
