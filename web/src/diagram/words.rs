//! A message as a sentence, a label, a line of the list.

use playground_core::time::{SimDuration, SimTime};
use playground_core::view::{Fate, MessageKind, Seen};

/// What a message is, in a few words: `Produce trucks_gps-1 ×2`, `JoinGroup`, `REBALANCE_IN_PROGRESS`.
pub fn what(seen: &Seen) -> String {
    let message = &seen.message;
    let of = message.tp.as_ref().map(|tp| format!(" {tp}")).unwrap_or_default();
    let records = match message.record_count {
        0 => String::new(),
        1 => " ×1".to_owned(),
        more => format!(" ×{more}"),
    };
    let name = match (message.kind, message.is_reply) {
        (MessageKind::Watch, _) => "watch event".to_owned(),
        (_, false) => message.label.to_string(),
        (MessageKind::ProduceReply, true) => "acknowledgement".to_owned(),
        (MessageKind::FetchReply, true) if message.record_count == 0 => "empty fetch response".to_owned(),
        (_, true) => format!("{} response", message.label),
    };
    let error = message.error.as_ref().map(|error| format!(", {error}")).unwrap_or_default();
    format!("{name}{of}{records}{error}")
}

fn ms(span: SimDuration) -> String {
    let us = span.0;
    if us >= 1_000_000 {
        format!("{}.{:02} s", us / 1_000_000, us / 10_000 % 100)
    } else {
        format!("{}.{} ms", us / 1000, us / 100 % 10)
    }
}

/// What became of it, at `now`.
pub fn fate(seen: &Seen, now: SimTime) -> String {
    let sent = seen.message.sent_at;
    if sent > now {
        return "not sent yet".to_owned();
    }
    match seen.fate {
        Fate::Received(at) if at <= now => format!("received after {}", ms(at.since(sent))),
        Fate::Lost(at) if at <= now => format!("lost with its connection after {}", ms(at.since(sent))),
        Fate::Held => "held by a fault".to_owned(),
        Fate::Received(at) | Fate::OnItsWay(at) | Fate::Lost(at) => {
            format!("on its way, {} to go", ms(at.since(now)))
        }
    }
}

/// One sentence.
pub fn sentence(seen: &Seen, now: SimTime) -> String {
    let message = &seen.message;
    let carried = if message.records.is_empty() {
        String::new()
    } else {
        let shown: Vec<&str> = message.records.iter().map(|record| &**record).collect();
        let more = if message.record_count as usize > shown.len() { ", …" } else { "" };
        format!(" ({}{more})", shown.join(", "))
    };
    format!("{} {} → {}: {}{carried}; {}", message.sent_at, message.from, message.to, what(seen), fate(seen, now))
}
