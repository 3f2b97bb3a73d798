//! Rows of configs in a form: the key from Kafka's registry, a control for its type, its default and
//! range, and what is wrong in Kafka's words beside it.

use playground_core::view::{ConfigDef, ConfigKind, ConfigType, config_doc};
use web_sys::{HtmlInputElement, HtmlSelectElement};
use yew::prelude::*;

use super::form::quoted;

/// Keys and values as typed.
pub type Pairs = Vec<(String, String)>;

/// What the rows need.
pub struct ConfigRows {
    /// Whose keys.
    pub kind: ConfigKind,
    /// A name for the datalist and hooks.
    pub name: &'static str,
    /// Keys offered as one press, the most likely first.
    pub common: &'static [&'static str],
    /// Keys and values.
    pub pairs: Pairs,
    /// They changed.
    pub onchange: Callback<Pairs>,
}

/// ` --config k=v` for every row with a key.
pub fn options(option: &str, pairs: &Pairs) -> String {
    let filled = pairs.iter().filter(|(key, _)| !key.trim().is_empty());
    filled.map(|(key, value)| format!(" --{option} {}", quoted(&format!("{}={}", key.trim(), value.trim())))).collect()
}

/// The rows.
pub fn config_fields(props: &ConfigRows) -> Html {
    let list = format!("keys-{}", props.name);
    let change = |pairs: Pairs| props.onchange.emit(pairs);
    let add = |key: &str| {
        let (mut pairs, onchange) = (props.pairs.clone(), props.onchange.clone());
        let default = props.kind.find(key).and_then(|def| def.default).unwrap_or("").to_owned();
        pairs.push((key.to_owned(), default));
        Callback::from(move |_: MouseEvent| onchange.emit(pairs.clone()))
    };
    let _ = change;
    let unset = props.common.iter().filter(|key| !props.pairs.iter().any(|(set, _)| set == *key));
    html! {
        <fieldset class="configs">
            <legend class="label">{"Configs other than Kafka’s defaults"}</legend>
            <datalist id={list.clone()}>{for props.kind.defs().map(|def| html! { <option value={def.name} /> })}</datalist>
            {for props.pairs.iter().enumerate().map(|(at, pair)| row(props, at, pair, &list))}
            <div class="row">
                {for unset.map(|key| html! { <button type="button" class="button small" data-test={format!("add-{key}")} onclick={add(key)}>{"+ "}{*key}</button> })}
                <button type="button" class="button small" data-test={format!("add-{}-config", props.name)} onclick={add("")}>{"+ another"}</button>
            </div>
        </fieldset>
    }
}

fn row(props: &ConfigRows, at: usize, (key, value): &(String, String), list: &str) -> Html {
    let set = |which: fn(&mut (String, String), String)| {
        let (pairs, onchange) = (props.pairs.clone(), props.onchange.clone());
        move |text: String| {
            let mut pairs = pairs.clone();
            pairs.get_mut(at).into_iter().for_each(|pair| which(pair, text.clone()));
            onchange.emit(pairs);
        }
    };
    let set_value = set(|pair, text| pair.1 = text);
    let oninput = {
        let set_value = set_value.clone();
        Callback::from(move |event: InputEvent| {
            event.stop_propagation();
            let input: HtmlInputElement = event.target_unchecked_into();
            set_value(input.value());
        })
    };
    let onchoose = Callback::from(move |event: Event| {
        let select: HtmlSelectElement = event.target_unchecked_into();
        set_value(select.value());
    });
    let onkey = {
        let set_key = set(|pair, text| pair.0 = text);
        Callback::from(move |event: InputEvent| {
            event.stop_propagation();
            let input: HtmlInputElement = event.target_unchecked_into();
            set_key(input.value());
        })
    };
    let remove = {
        let (mut pairs, onchange) = (props.pairs.clone(), props.onchange.clone());
        pairs.remove(at);
        Callback::from(move |_: MouseEvent| onchange.emit(pairs.clone()))
    };
    let def = props.kind.find(key.trim());
    let wrong = (!key.trim().is_empty())
        .then(|| props.kind.check(key.trim(), value))
        .and_then(Result::err)
        .map(|error| error.to_string());
    let id = format!("{}-{at}", props.name);
    html! {
        <div class="config-row" key={at}>
            <input class="input mono" aria-label="Config" list={list.to_owned()} value={key.clone()} oninput={onkey} data-test={format!("config-key-{id}")} spellcheck="false" />
            {control(def.as_ref(), value, wrong.is_some(), &id, oninput, onchoose)}
            <button type="button" class="button small square" aria-label={format!("Leave {key} at its default")} onclick={remove}>{"✕"}</button>
            if let Some(def) = &def { <small>{about(def)}</small> }
            if let Some(wrong) = wrong { <small class="wrong" role="alert" id={format!("wrong-{id}")} data-test={format!("config-error-{id}")}>{wrong}</small> }
        </div>
    }
}

/// `INT, default 1, [1,...]. What it does.`
pub fn about(def: &ConfigDef) -> String {
    let default = def
        .default
        .map_or_else(|| "none".to_owned(), |text| if text.is_empty() { "empty".into() } else { text.to_owned() });
    let valid = if def.valid.is_empty() { String::new() } else { format!(", {}", def.valid) };
    format!("{}, default {default}{valid}. {}", def.config_type.name(), config_doc(def.name))
}

/// Words that a value can be, if the registry lists them.
pub fn one_of(def: &ConfigDef) -> Option<Vec<&'static str>> {
    if def.config_type == ConfigType::Boolean {
        return Some(vec!["true", "false"]);
    }
    let words = def.valid.strip_prefix("(case insensitive) ").unwrap_or(def.valid);
    let inner = words.strip_prefix('[')?.strip_suffix(']')?;
    let listed = def.config_type == ConfigType::String && !inner.contains("...");
    listed.then(|| inner.split(", ").collect())
}

/// Smallest and largest number, if the registry has them.
pub fn range(def: &ConfigDef) -> Option<(&'static str, Option<&'static str>)> {
    let inner = def.valid.strip_prefix('[')?.split(']').next()?;
    let (min, max) = inner.split_once(",...")?;
    // "or -1" beside the range makes the smallest number one that the control must take.
    let min = if def.valid.ends_with(" or -1") { "-1" } else { min };
    Some((min, max.strip_prefix(',')))
}

fn is_number(def: &ConfigDef) -> bool {
    matches!(def.config_type, ConfigType::Int | ConfigType::Long | ConfigType::Short)
}

fn control(
    def: Option<&ConfigDef>,
    value: &str,
    wrong: bool,
    id: &str,
    oninput: Callback<InputEvent>,
    onchange: Callback<Event>,
) -> Html {
    let label = def.map_or("Value", |def| def.name);
    let hook = format!("config-value-{id}");
    if let Some(words) = def.and_then(one_of) {
        let known = words.contains(&value);
        return html! {
            <select class="input mono" aria-label={label} {onchange} data-test={hook} aria-invalid={wrong.to_string()}>
                if !known { <option value={value.to_owned()} selected=true>{value}</option> }
                {for words.iter().map(|word| html! { <option value={*word} selected={*word == value}>{*word}</option> })}
            </select>
        };
    }
    let (kind, bounds) = match def.filter(|def| is_number(def)) {
        Some(def) => ("number", range(def)),
        None => ("text", None),
    };
    html! {
        <input class="input mono" type={kind} aria-label={label} min={bounds.map(|(min, _)| min)} max={bounds.and_then(|(_, max)| max)}
            value={value.to_owned()} {oninput} data-test={hook} aria-invalid={wrong.to_string()} aria-describedby={wrong.then(|| format!("wrong-{id}"))} spellcheck="false" />
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn controls_follow_the_registry() {
        let find = |kind: ConfigKind, key: &str| kind.find(key).unwrap();
        assert_eq!(one_of(&find(ConfigKind::Producer, "enable.idempotence")), Some(vec!["true", "false"]));
        assert!(one_of(&find(ConfigKind::Producer, "acks")).is_some_and(|words| words.contains(&"all")));
        assert_eq!(range(&find(ConfigKind::Topic, "min.insync.replicas")), Some(("1", None)));
        assert_eq!(one_of(&find(ConfigKind::Topic, "cleanup.policy")), None);
        let pairs = vec![("acks".to_owned(), "1".to_owned()), (String::new(), "x".to_owned())];
        assert_eq!(options("config", &pairs), " --config acks=1");
    }
}
