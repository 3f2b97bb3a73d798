//! `__consumer_offsets` and `__transaction_state` opened: record by record, as the formatters of
//! `kafka-console-consumer.sh` show them.

use playground_core::ids::TopicPartition;
use playground_core::view::{ClusterView, InternalRecord};
use web_sys::HtmlSelectElement;
use yew::prelude::*;

use crate::components::Dispatch;
use crate::model::inquiry::Answers;
use crate::model::{Action, Shared, Subject};
use crate::scene::Selection;

/// What the panel shows.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The cluster.
    pub view: Shared<ClusterView>,
    /// Which partition is open.
    pub tp: Option<TopicPartition>,
    /// Its records.
    pub answers: Shared<Answers>,
    /// What is selected.
    pub selected: Option<Subject>,
    /// Where actions go.
    pub dispatch: Dispatch,
}

/// The choice of a partition and its records, newest first.
#[component]
pub fn Internal(props: &Props) -> Html {
    let latest = use_state(|| false);
    let internal = props.view.topics.iter().filter(|topic| topic.internal);
    let partitions: Vec<(TopicPartition, i64)> = internal
        .flat_map(|topic| &topic.partitions)
        .map(|partition| {
            let end = partition.replicas.iter().map(|replica| replica.log_end_offset).max().unwrap_or(0);
            (partition.tp.clone(), end)
        })
        .collect();
    let Some(tp) = &props.tp else {
        return html! { <p class="dashed">{"There is no internal topic yet: the first consumer of a group makes __consumer_offsets, the first transactional producer __transaction_state."}</p> };
    };
    // Kafka makes fifty partitions; those with something in them come first.
    let (mut full, empty): (Vec<_>, Vec<_>) = partitions.into_iter().partition(|(_, end)| *end > 0);
    let filled = full.len();
    full.extend(empty);
    let onchange = {
        let (dispatch, all) = (props.dispatch.clone(), full.clone());
        Callback::from(move |event: Event| {
            let select: HtmlSelectElement = event.target_unchecked_into();
            if let Some((tp, _)) = all.get(usize::try_from(select.selected_index()).unwrap_or(0)) {
                dispatch.emit(Action::Internal(tp.clone()));
            }
        })
    };
    let toggle = {
        let latest = latest.clone();
        Callback::from(move |_: MouseEvent| latest.set(!*latest))
    };
    let rows: Vec<&InternalRecord> =
        props.answers.internal.iter().filter(|record| !*latest || !record.superseded).collect();
    html! {
        <>
            <div class="log-tools">
                <label class="unseen" for="internal-partition">{"Partition"}</label>
                <select id="internal-partition" class="input" data-test="internal-partition" {onchange}>{for full.iter().map(|(one, end)| html! {
                    <option selected={one == tp}>{if *end > 0 { format!("{one}, log end {end}") } else { format!("{one}, empty") }}</option>
                })}</select>
                <button class="button small" data-test="internal-latest" aria-pressed={latest.to_string()} onclick={toggle}>{"Only the latest of each key"}</button>
                <span class="note">{format!("{} records; {filled} of {} partitions have any", rows.len(), full.len())}</span>
            </div>
            if rows.is_empty() {
                <p class="dashed">{"Nothing has been written to this partition."}</p>
            } else {
                <div class="scroll" tabindex="0" role="region" aria-label="Records">
                    <table class="grid" data-test="internal">
                        <thead><tr><th scope="col">{"Offset"}</th><th scope="col">{"Type"}</th><th scope="col">{"Key"}</th><th scope="col">{"Value"}</th></tr></thead>
                        <tbody>{for rows.iter().map(|record| row(record, tp, props))}</tbody>
                    </table>
                </div>
            }
        </>
    }
}

fn row(record: &InternalRecord, tp: &TopicPartition, props: &Props) -> Html {
    let subject = Subject::Thing(Selection::Record(-1, tp.clone(), record.offset));
    let selected = props.selected.as_ref().filter(|selected| subject.is_same_as(selected)).map(Subject::key);
    let mut remarks = Vec::new();
    if !record.committed {
        remarks.push("not committed yet");
    }
    if record.superseded {
        remarks.push("a later record has this key");
    }
    html! {
        <tr key={record.offset.to_string()} data-test={format!("internal-{}", record.offset)} data-kind={record.kind} data-selected={selected}
            class={record.superseded.then_some("superseded")}>
            <td class="n">{record.offset}</td>
            <td>{record.kind}{for remarks.iter().map(|remark| html! { <small>{*remark}</small> })}</td>
            <td class="mono wrap">{record.key.to_string()}</td>
            <td class="mono wrap">{match &record.value { Some(value) => value.to_string(), None => "NULL (tombstone)".to_owned() }}</td>
        </tr>
    }
}
