//! The glossary: what Kafka's words mean, with the lesson that explains each.

use playground_core::lesson::GlossaryEntry;
use yew::prelude::*;

use super::super::Dispatch;
use super::super::prose::prose;
use crate::course;
use crate::model::Action;

/// What the list needs.
#[derive(Properties, PartialEq)]
pub struct TermsProps {
    /// The entry that was asked for: it has the focus at first.
    pub entry: Option<usize>,
    /// Where actions go.
    pub dispatch: Dispatch,
}

/// All terms in alphabetical order.
#[component]
pub fn Terms(props: &TermsProps) -> Html {
    let lessons = use_memo((), |()| course::heads());
    let term = |(number, entry): (usize, &GlossaryEntry)| {
        let asked = props.entry == Some(number);
        let lesson = lessons.iter().find(|lesson| *lesson.id == *entry.lesson);
        let id = entry.lesson.to_string();
        let dispatch = props.dispatch.clone();
        let onclick = Callback::from(move |_: MouseEvent| dispatch.emit(Action::OpenLesson(id.clone())));
        html! {
            <div class={classes!("entry", asked.then_some("asked"))} data-test={asked.then_some("entry-asked")}>
                <dt tabindex="-1" data-first={asked.then_some("")}>{&entry.term}</dt>
                <dd>
                    {prose(&entry.definition)}
                    if let Some(lesson) = lesson {
                        <button class="link" {onclick}>{format!("Lesson: {}", lesson.title)}</button>
                    }
                </dd>
            </div>
        }
    };
    html! { <dl class="glossary">{for course::glossary().entries().iter().enumerate().map(term)}</dl> }
}
