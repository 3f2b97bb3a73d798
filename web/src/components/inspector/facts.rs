//! Fields and values; what has changed since the last stop is shaded and shows what it was.

use std::rc::Rc;

use playground_core::ids::{BrokerId, Name};
use playground_core::time::SimTime;
use playground_core::view::ClusterView;
use yew::prelude::*;

use crate::model::events::EventRow;
use crate::model::knowing;
use crate::model::spans::in_short;

/// A list of fields.
#[derive(Default)]
pub struct Facts(Vec<Html>);

impl Facts {
    /// A field that is not compared.
    pub fn plain(self, name: &str, value: impl ToString) -> Self {
        self.marked(name, value, false)
    }

    /// A field that is shown only if there is a value.
    pub fn some(self, name: &str, value: Option<impl ToString>) -> Self {
        match value {
            Some(value) => self.plain(name, value),
            None => self,
        }
    }

    /// A field with the value that it had one stop before.
    pub fn compared(mut self, name: &str, value: impl ToString, was: Option<impl ToString>) -> Self {
        let value = value.to_string();
        match was.map(|was| was.to_string()).filter(|was| *was != value) {
            Some(was) => self.0.push(html! {
                <div class="changed">
                    <dt>{name.to_owned()}</dt>
                    <dd><span class="was">{was}{" → "}</span>{value}</dd>
                </div>
            }),
            None => return self.plain(name, value),
        }
        self
    }

    /// A field that stands as changed if it has, without what it was.
    pub fn marked(mut self, name: &str, value: impl ToString, changed: bool) -> Self {
        self.0.push(html! {
            <div class={changed.then_some("changed")}><dt>{name.to_owned()}</dt><dd>{value.to_string()}</dd></div>
        });
        self
    }

    /// The list.
    pub fn done(self) -> Html {
        html! { <dl class="facts">{for self.0}</dl> }
    }
}

/// `in 3.2 s`, `0.4 s ago`.
pub fn until(at: SimTime, now: SimTime) -> String {
    if at == SimTime::NEVER {
        return "never".into();
    }
    let (span, ahead) = if at >= now { (at.since(now), true) } else { (now.since(at), false) };
    let text = in_short(span);
    if ahead { format!("in {text}") } else { format!("{text} ago") }
}

/// Configs that differ from Kafka's defaults.
pub fn configs(all: &[(Name, Name)]) -> Html {
    if all.is_empty() {
        return html! {};
    }
    let facts = all.iter().fold(Facts::default(), |facts, (name, value)| facts.plain(name, value));
    html! { <><h3>{"Configs other than the defaults"}</h3>{facts.done()}</> }
}

/// Who knows that a broker is dead, and since when, under the heading `title`.
pub fn who_knows(
    title: Html,
    dead: BrokerId,
    view: &ClusterView,
    before: Option<&ClusterView>,
    past: &[Rc<EventRow>],
) -> Html {
    let known = before.map(|before| knowing::who_knows(before, &[], dead)).unwrap_or_default();
    let facts = knowing::who_knows(view, past, dead).into_iter().fold(Facts::default(), |facts, one| {
        let was = known.iter().find(|other| other.who == one.who).map(|was| was.word());
        match one.since {
            Some(at) => facts.marked(&one.who, format!("since {at}"), was.is_some_and(|was| was != one.word())),
            None => facts.compared(&one.who, one.word(), was),
        }
    });
    html! { <>{title}{facts.done()}</> }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_read_well() {
        let now = SimTime::from_ms(10_000);
        assert_eq!(until(SimTime::from_ms(13_240), now), "in 3.2 s");
        assert_eq!(until(SimTime::from_ms(10_040), now), "in 40 ms");
        assert_eq!(until(SimTime::from_ms(9_000), now), "1.0 s ago");
        assert_eq!(until(SimTime::NEVER, now), "never");
    }
}
