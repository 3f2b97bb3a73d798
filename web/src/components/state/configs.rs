//! Configs of one broker, topic or client: what differs from Kafka's defaults, or all; with default,
//! type, range and what it does; changed in place where `kafka-configs.sh` may.

use playground_core::command::Command;
use playground_core::ids::Name;
use playground_core::view::{ClusterView, ConfigDef, ConfigKind, ConfigOwner, ConfigView};
use web_sys::{HtmlInputElement, HtmlSelectElement};
use yew::prelude::*;

use super::typed;
use crate::components::stage::use_after;

use crate::components::Dispatch;
use crate::components::dialogs::one_of;
use crate::model::inquiry::Answers;
use crate::model::{Action, Origin, Shared};

/// What the panel shows.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The cluster.
    pub view: Shared<ClusterView>,
    /// Whose configs are open.
    pub owner: ConfigOwner,
    /// The configs.
    pub answers: Shared<Answers>,
    /// The key that was asked for last, and how often one was.
    pub asked: (u32, &'static str),
    /// Where actions go.
    pub dispatch: Dispatch,
}

/// The key that is being changed, whose it is, and what was typed.
type Draft = Option<(ConfigOwner, &'static str, String)>;

/// The table with its filters.
#[component]
pub fn Configs(props: &Props) -> Html {
    let words = use_state(String::new);
    {
        let words = words.setter();
        let (times, key) = props.asked;
        let ask = move || {
            if times > 0 {
                words.set(key.to_owned());
            }
        };
        use_after(format!("{times} {key}"), Box::new(ask));
    }
    let all = use_state(|| false);
    let draft = use_state(|| Draft::None);
    let owners = owners(&props.view, &props.owner);
    let rows = &props.answers.configs;
    let differing = rows.iter().filter(|row| row.differs).count();
    let shown: Vec<&ConfigView> =
        rows.iter().filter(|row| (*all || row.differs || !words.is_empty()) && matches(row, &words)).collect();
    let onchange = {
        let (dispatch, owners, draft) = (props.dispatch.clone(), owners.clone(), draft.setter());
        Callback::from(move |event: Event| {
            let select: HtmlSelectElement = event.target_unchecked_into();
            draft.set(None);
            if let Some((_, owner)) = owners.get(usize::try_from(select.selected_index()).unwrap_or(0)) {
                dispatch.emit(Action::Configs(owner.clone()));
            }
        })
    };
    let oninput = typed(words.setter());
    let toggle = {
        let all = all.clone();
        Callback::from(move |_: MouseEvent| all.set(!*all))
    };
    html! {
        <>
            <div class="log-tools">
                <label class="unseen" for="config-owner">{"Whose configs"}</label>
                <select id="config-owner" class="input" data-test="config-owner" {onchange}>{for owners.iter().map(|(label, owner)| html! {
                    <option selected={*owner == props.owner}>{label.clone()}</option>
                })}</select>
                <label class="unseen" for="config-filter">{"Filter configs"}</label>
                <input id="config-filter" class="input" data-test="config-filter" type="search" placeholder="Filter: replica, ms, acks …" value={(*words).clone()} {oninput} />
                <button class="button small" data-test="config-differing" aria-pressed={(!*all).to_string()} onclick={toggle}>{format!("Only what differs {differing}")}</button>
                <span class="note" data-test="config-sum">{format!("{} of {}", shown.len(), rows.len())}</span>
            </div>
            if shown.is_empty() {
                <p class="dashed">{if rows.is_empty() { "It does not run, or is gone." } else if words.is_empty() { "Every config is Kafka’s default." } else { "No config matches." }}</p>
            } else {
                <div class="scroll" tabindex="0" role="region" aria-label="Configs">
                    <table class="grid" data-test="configs">
                        <thead><tr><th scope="col">{"Config"}</th><th scope="col">{"Value"}</th><th scope="col">{"Default"}</th>
                            <th scope="col">{"Type and range"}</th><th scope="col">{"Where from"}</th></tr></thead>
                        <tbody>{for shown.into_iter().map(|row| config(row, props, &draft))}</tbody>
                    </table>
                </div>
            }
        </>
    }
}

/// Everybody who has configs, with the name in the list; and whoever is asked for, there or not at this moment.
fn owners(view: &ClusterView, asked: &ConfigOwner) -> Vec<(String, ConfigOwner)> {
    let brokers = view.brokers.iter().map(|one| ConfigOwner::Broker(one.id));
    let topics = view.topics.iter().map(|one| ConfigOwner::Topic(one.name.clone()));
    let client = |kind: &str, name: &Name| (format!("{kind} {name}"), ConfigOwner::Client(name.clone()));
    let producers = view.producers.iter().map(|one| client("Producer", &one.client));
    let consumers = view.consumers.iter().map(|one| client("Consumer", &one.client));
    let mut owners: Vec<_> = brokers.chain(topics).map(|owner| (label(&owner), owner)).collect();
    owners.extend(producers.chain(consumers));
    if owners.iter().all(|(_, owner)| owner != asked) {
        owners.push((format!("{}, not there now", label(asked)), asked.clone()));
    }
    owners
}

fn label(owner: &ConfigOwner) -> String {
    match owner {
        ConfigOwner::Broker(id) => format!("Broker {id}"),
        ConfigOwner::Topic(name) => format!("Topic {name}"),
        ConfigOwner::Client(name) => format!("Client {name}"),
    }
}

fn matches(row: &ConfigView, words: &str) -> bool {
    let hay = format!("{} {} {} {}", row.name, row.value, row.doc, row.source).to_ascii_lowercase();
    words.to_ascii_lowercase().split_whitespace().all(|word| hay.contains(word))
}

fn or_none(text: &str) -> &str {
    if text.is_empty() { "none" } else { text }
}

fn kind_of(owner: &ConfigOwner) -> Option<ConfigKind> {
    match owner {
        ConfigOwner::Broker(_) => Some(ConfigKind::Broker),
        ConfigOwner::Topic(_) => Some(ConfigKind::Topic),
        ConfigOwner::Client(_) => None,
    }
}

/// The line of the tool that changes it.
fn line(owner: &ConfigOwner, change: &str) -> Option<String> {
    let entity = match owner {
        ConfigOwner::Broker(id) => format!("--entity-type brokers --entity-name {id}"),
        ConfigOwner::Topic(topic) => format!("--entity-type topics --entity-name {topic}"),
        ConfigOwner::Client(_) => return None,
    };
    Some(format!("kafka-configs.sh --alter {entity} {change}"))
}

/// Adds a value; brackets keep its commas together.
fn added(name: &str, value: &str) -> String {
    let value = if value.contains(',') { format!("[{value}]") } else { value.to_owned() };
    format!("--add-config \"{name}={}\"", value.replace('\\', "\\\\").replace('"', "\\\""))
}

fn config(row: &ConfigView, props: &Props, draft: &UseStateHandle<Draft>) -> Html {
    let editing = draft
        .as_ref()
        .filter(|(owner, name, _)| (owner, *name) == (&props.owner, row.name))
        .map(|(.., text)| text.clone());
    let own = matches!(row.source, "DYNAMIC_TOPIC_CONFIG" | "DYNAMIC_BROKER_CONFIG");
    html! {
        <tr key={row.name} data-test={format!("config-{}", row.name)} data-differs={row.differs.to_string()}>
            <td><span class="mono">{row.name}</span>
                if !row.doc.is_empty() { <small class="doc">{row.doc}</small> }
                if !row.obeyed { <small class="doc">{"Known and checked; it has no effect in this simulation."}</small> }
            </td>
            <td class="mono value" data-test={format!("config-value-{}", row.name)}>
                if let Some(text) = editing { {editor(row, text, own, props, draft)} } else {
                    <b>{or_none(&row.value).to_owned()}</b>
                    if row.can_change { {" "}{change_button(row, &props.owner, draft)} }
                }
            </td>
            <td class="mono value">{or_none(row.default)}</td>
            <td><span class="mono">{row.config_type}</span><small>{row.valid}</small></td>
            <td><small class="plain">{row.source}</small></td>
        </tr>
    }
}

fn change_button(row: &ConfigView, owner: &ConfigOwner, draft: &UseStateHandle<Draft>) -> Html {
    let (draft, name, value, owner) = (draft.setter(), row.name, row.value.to_string(), owner.clone());
    let onclick = move |_: MouseEvent| draft.set(Some((owner.clone(), name, value.clone())));
    html! { <button class="link" data-test={format!("change-{name}")} {onclick} aria-label={format!("Change {name}")}>{"Change"}</button> }
}

fn editor(row: &ConfigView, text: String, own: bool, props: &Props, draft: &UseStateHandle<Draft>) -> Html {
    let name = row.name;
    let wrong = kind_of(&props.owner).and_then(|kind| kind.check(name, &text).err()).map(|error| error.to_string());
    let give = |change: String| {
        let (dispatch, draft, line) = (props.dispatch.clone(), draft.setter(), line(&props.owner, &change));
        move || {
            if let Some(Ok(command)) = line.as_deref().map(Command::parse) {
                dispatch.emit(Action::Do(command, Origin::Menu));
            }
            draft.set(None);
        }
    };
    let onsubmit = {
        let (give, off) = (give(added(name, &text)), wrong.is_some());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            if !off {
                give();
            }
        })
    };
    let reset = {
        let give = give(format!("--delete-config {name}"));
        Callback::from(move |_: MouseEvent| give())
    };
    let cancel = {
        let draft = draft.setter();
        Callback::from(move |_: MouseEvent| draft.set(None))
    };
    let type_into = |setter: UseStateSetter<Draft>| {
        let owner = props.owner.clone();
        move |text: String| setter.set(Some((owner.clone(), name, text)))
    };
    let def: Option<ConfigDef> = kind_of(&props.owner).and_then(|kind| kind.find(name));
    let words = def.as_ref().and_then(one_of);
    let control = match words {
        Some(words) => {
            let set = type_into(draft.setter());
            let onchange = Callback::from(move |event: Event| {
                let select: HtmlSelectElement = event.target_unchecked_into();
                set(select.value());
            });
            html! {
                <select class="input mono" aria-label={name} data-test="config-edit" {onchange}>
                    {for words.iter().map(|word| html! { <option value={*word} selected={*word == text}>{*word}</option> })}
                </select>
            }
        }
        None => {
            let set = type_into(draft.setter());
            let oninput = Callback::from(move |event: InputEvent| {
                let input: HtmlInputElement = event.target_unchecked_into();
                set(input.value());
            });
            html! {
                <input class="input mono" aria-label={name} data-test="config-edit" value={text} {oninput} aria-invalid={wrong.is_some().to_string()} spellcheck="false" />
            }
        }
    };
    html! {
        <form class="edit" {onsubmit}>
            {control}
            <div class="row">
                <button class="button small" type="submit" data-test="config-set" aria-disabled={wrong.is_some().to_string()}>{"Set"}</button>
                if own { <button class="button small" type="button" data-test="config-unset" onclick={reset}>{"Delete it"}</button> }
                <button class="button small" type="button" onclick={cancel}>{"Leave it"}</button>
            </div>
            if let Some(wrong) = wrong { <small class="wrong" role="alert" data-test="config-wrong">{wrong}</small> }
        </form>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_a_line_of_the_tool() {
        let owner = ConfigOwner::Topic("t".into());
        for change in [
            added("retention.ms", "1000"),
            added("cleanup.policy", "compact,delete"),
            "--delete-config retention.ms".to_owned(),
        ] {
            let line = line(&owner, &change).unwrap();
            assert!(Command::parse(&line).is_ok(), "{line}");
        }
        assert_eq!(line(&ConfigOwner::Client("p".into()), ""), None);
    }
}
