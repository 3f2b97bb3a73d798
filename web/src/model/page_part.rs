//! The page's own part of a link: what is selected, which tab is open, which topic is in the picture,
//! what the squares show, what the event log is filtered by. The theme is the reader's, not the link's.

use playground_core::timeline::{escape, unescape};

use super::state::{DockTab, Model};
use super::subject::Subject;

/// More than this of a filter is not carried.
const FILTER_MAX: usize = 200;

impl Model {
    /// The parts, to be put behind a link's text.
    pub fn page_part(&self) -> String {
        let mut text = String::new();
        let mut put = |key: &str, value: &str| text.push_str(&format!("&{key}={}", escape(value)));
        if let Some(selected) = &self.selected {
            put("sel", &selected.key());
        }
        if let Some(tab) = self.dock {
            put("tab", tab.name());
        }
        if let Some(topic) = &self.topic {
            put("topic", topic);
        }
        if self.key_letters {
            put("squares", "keys");
        }
        let filter: String = self.filter.chars().take(FILTER_MAX).collect();
        if !filter.is_empty() {
            put("filter", &filter);
        }
        if let Some(branch) = self.snapshot.branches.iter().find(|branch| branch.active && branch.id > 0) {
            put("branch", &branch.name);
        }
        text
    }

    /// Shows what the parts of a link say; what is not there or not understood stays as it is. A topic or
    /// a thing that is not part of the cluster is left out.
    pub fn show_page_part(&mut self, link: &str) {
        for (key, value) in link.split('&').filter_map(|part| part.split_once('=')) {
            let Some(value) = unescape(value) else { continue };
            match key {
                "sel" => {
                    let subject = Subject::parse(&value).filter(|subject| subject.exists(&self.snapshot.view));
                    self.selected = subject.or(self.selected.take());
                }
                "tab" => {
                    if let Some(tab) = DockTab::ALL.into_iter().find(|tab| tab.name() == value) {
                        self.dock = Some(tab);
                        self.panel = tab.panel();
                    }
                }
                "topic" => {
                    let topic = self.snapshot.view.topics.iter().find(|topic| *topic.name == *value);
                    self.topic = topic.map(|topic| topic.name.clone()).or(self.topic.take());
                }
                "squares" => self.key_letters = value == "keys",
                "filter" => self.filter = value.chars().take(FILTER_MAX).collect(),
                _ => {}
            }
        }
    }
}
