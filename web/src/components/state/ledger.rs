//! The ledger: for each record what the producer's application knows, where the leader's log holds it,
//! what each group has done with it, and what went wrong, with the event to blame. Of thousands of records the newest
//! are in the document; who scrolls to their end is given the next ones.

use std::rc::Rc;

use playground_core::view::{ClusterView, GroupWork, LedgerEntries, LedgerEntry, RecordFate, RemarkKind, Removed};
use web_sys::HtmlElement;
use yew::prelude::*;

use super::{jump, typed};
use crate::components::Dispatch;
use crate::components::long_list::{ROWS, scrolled};
use crate::model::{Action, Shared, Subject};
use crate::scene::Selection;

/// What the panel shows.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The cluster.
    pub view: Shared<ClusterView>,
    /// What is selected.
    pub selected: Option<Subject>,
    /// Where actions go.
    pub dispatch: Dispatch,
}

/// The table with its filters.
#[component]
pub fn Ledger(props: &Props) -> Html {
    let words = use_state(String::new);
    let only = use_state(|| false);
    let all = &props.view.ledger;
    let remarked = all.iter().filter(|entry| !entry.remarks.is_empty()).count();
    let matching: Vec<(usize, &Rc<LedgerEntry>)> = all
        .iter()
        .enumerate()
        .filter(|(_, entry)| !(*only && entry.remarks.is_empty()) && matches(entry, &words))
        .collect();
    let count = matching.len();
    // How many records lie behind those shown. What a person has scrolled to stays while records come, until others
    // are asked for.
    let moved = use_state(|| None::<(bool, String, usize)>);
    let place = moved.as_ref().filter(|(remarked, of, _)| *of == *words && *remarked == *only);
    let from = count.saturating_sub(place.map_or(count, |(.., until)| *until));
    let onscroll = {
        let (moved, words, only) = (moved.clone(), words.to_string(), *only);
        Callback::from(move |event: Event| {
            if let Some(from) = scrolled(&event.target_unchecked_into::<HtmlElement>(), from, count) {
                moved.set((from > 0).then(|| (only, words.clone(), count - from)));
            }
        })
    };
    let oninput = typed(words.setter());
    let toggle = {
        let only = only.clone();
        Callback::from(move |_: MouseEvent| only.set(!*only))
    };
    html! {
        <>
            <div class="log-tools">
                <label class="unseen" for="ledger-filter">{"Filter records"}</label>
                <input id="ledger-filter" class="input" data-test="ledger-filter" type="search" placeholder="Filter: key, producer, t-0, lost …" value={(*words).clone()} {oninput} />
                <button class="button small" data-test="ledger-remarked" aria-pressed={only.to_string()} onclick={toggle}>{format!("With remarks {remarked}")}</button>
                <span class="note" data-test="ledger-sum">{summary(all)}</span>
            </div>
            if matching.is_empty() {
                <p class="dashed">{if all.is_empty() { "No record has been given to a producer yet." } else { "No record matches." }}</p>
            } else {
                <div class="scroll" tabindex="0" role="region" aria-label="Ledger" {onscroll}>
                    <table class="grid" data-test="ledger">
                        <thead><tr><th scope="col">{"#"}</th><th scope="col">{"Record"}</th><th scope="col">{"Its application knows"}</th>
                            <th scope="col">{"In the leader’s log"}</th><th scope="col">{"What groups did"}</th><th scope="col">{"Remarks"}</th></tr></thead>
                        <tbody>{for matching.iter().rev().skip(from).take(ROWS).map(|(number, entry)| row(*number, entry, props))}</tbody>
                    </table>
                </div>
            }
        </>
    }
}

/// Every word occurs somewhere in the row.
fn matches(entry: &LedgerEntry, words: &str) -> bool {
    if words.trim().is_empty() {
        return true;
    }
    let key = entry.key.as_ref().map_or("", |key| key.as_str());
    let remarks: Vec<&str> = entry.remarks.iter().map(|remark| remark.kind.word()).collect();
    let hay = format!("{} {key} {} {} {} {}", entry.producer, entry.value, entry.tp, knows(entry), remarks.join(" "));
    let hay = hay.to_ascii_lowercase();
    words.to_ascii_lowercase().split_whitespace().all(|word| hay.contains(word))
}

/// `12 sent: 9 acknowledged, 1 failed, 1 lost, 1 duplicated`.
fn summary(all: &LedgerEntries) -> String {
    let sums = all.sums();
    let mut parts = vec![
        format!("{} acknowledged", sums.acked),
        format!("{} failed", sums.failed),
        format!("{} open", sums.open()),
    ];
    for kind in
        [RemarkKind::Lost, RemarkKind::Duplicated, RemarkKind::Reordered, RemarkKind::Repeated, RemarkKind::LeftOut]
    {
        let count = all.iter().filter(|entry| entry.remarks.iter().any(|remark| remark.kind == kind)).count();
        if count > 0 {
            parts.push(format!("{count} {}", kind.word()));
        }
    }
    format!("{} sent: {}", all.len(), parts.join(", "))
}

fn knows(entry: &LedgerEntry) -> String {
    match (entry.fate, entry.offset, &entry.error) {
        (RecordFate::Sent, ..) => "no answer yet".into(),
        (RecordFate::Failed, _, Some(error)) => format!("failed: {error}"),
        (RecordFate::Failed, ..) => "failed".into(),
        (_, Some(offset), _) => format!("acknowledged, offset {offset}"),
        (_, None, _) => "sent, acks=0".into(),
    }
}

fn places(entry: &LedgerEntry) -> String {
    let offsets: Vec<String> = entry.places.iter().map(ToString::to_string).collect();
    let tp = &entry.tp;
    match (tp.partition, entry.removed) {
        (..0, _) => format!("{}, no partition yet", tp.topic),
        (_, Some(Removed::Retention)) => format!("{tp}, removed by retention"),
        (_, Some(Removed::Cleaner)) => format!("{tp}, removed by the cleaner"),
        (_, Some(Removed::Topic)) => format!("{tp}, deleted with its topic"),
        (_, None) if offsets.is_empty() => format!("{tp} nowhere"),
        (_, None) => format!("{tp} @ {}", offsets.join(", ")),
    }
}

fn work(one: &GroupWork) -> String {
    let times = match one.times {
        0 => "not processed".to_owned(),
        1 => "processed".to_owned(),
        times => format!("processed {times} times"),
    };
    let rows = if one.rows > 1 { format!(", {} rows", one.rows) } else { String::new() };
    format!("{}: {times}{rows}{}", one.group, if one.passed { ", committed" } else { "" })
}

/// The record in the picture, if a log holds it.
fn subject_of(entry: &LedgerEntry, view: &ClusterView) -> Option<Subject> {
    let offset = *entry.places.first()?;
    let partitions = view.topics.iter().flat_map(|topic| &topic.partitions);
    let leader = partitions.filter(|partition| partition.tp == entry.tp).find_map(|partition| partition.leader);
    Some(Subject::Thing(Selection::Record(leader?, entry.tp.clone(), offset)))
}

fn row(number: usize, entry: &LedgerEntry, props: &Props) -> Html {
    let subject = subject_of(entry, &props.view);
    let selected = subject.as_ref().zip(props.selected.as_ref()).filter(|(one, other)| one.is_same_as(other));
    let selected = selected.map(|(_, selected)| selected.key());
    let label = match &entry.key {
        Some(key) => format!("{key} = {}", entry.value),
        None => entry.value.to_string(),
    };
    let open = subject.map(|subject| {
        let dispatch = props.dispatch.clone();
        Callback::from(move |_: MouseEvent| dispatch.emit(Action::Select(Some(subject.clone()))))
    });
    let bad = matches!(entry.fate, RecordFate::Lost);
    html! {
        <tr key={number} data-test={format!("ledger-{number}")} data-selected={selected} class={bad.then_some("lost")}>
            <td class="n">{number + 1}</td>
            <td>if let Some(onclick) = open { <button class="link" {onclick}>{label}</button> } else { {label} }
                <small>{entry.producer.to_string()}{", "}{entry.sent_at.to_string()}</small></td>
            <td>{knows(entry)}</td>
            <td class="mono">{places(entry)}</td>
            <td>{for entry.work.iter().map(|one| html! { <div>{work(one)}</div> })}</td>
            <td>{for entry.remarks.iter().map(|remark| html! {
                <div class="remark"><b class={(remark.kind == RemarkKind::Lost).then_some("crossed")}>
                    {if remark.kind == RemarkKind::Lost { "✕ " } else { "" }}{remark.kind.word()}</b>{": "}{remark.because.to_string()}
                    if let Some(at) = remark.at { {" "}{jump(at, remark.kind.word(), &props.dispatch)} }</div>
            })}</td>
        </tr>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scene::sample;

    #[test]
    fn a_record_is_found_by_what_stands_in_its_row() {
        let view = sample::cluster(3, 1, 4);
        let entry = view.ledger.get(0).expect("one was sent");
        assert!(matches(entry, ""));
        assert!(matches(entry, &entry.producer.to_uppercase()));
        assert!(!matches(entry, "nothing-of-this"));
        assert!(summary(&view.ledger).starts_with(&format!("{} sent", view.ledger.len())));
    }
}
