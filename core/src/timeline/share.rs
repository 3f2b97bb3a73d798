//! A playground as a line of text: genesis, journal and position, never a serialized world.

use std::rc::Rc;

use crate::collections::BTreeMap;

use super::{Given, Position, Run, Timeline};
use crate::command::{Command, CommandError};
use crate::ids::Name;
use crate::sim::Genesis;
use crate::time::SimTime;

const VERSION: &str = "k1";
/// A journal longer than this is not of a person's making.
const COMMANDS_MAX: usize = 5000;
/// Replaying takes at most this many events: some seconds on a slow machine, hours of a small cluster.
const EVENTS_MAX: u64 = 3_000_000;
/// Parts of a link, those of the page too, such as the lesson that is open. `config` may have a broker's number behind it.
const PARTS: [&str; 19] = [
    "seed", "brokers", "zk", "tick", "down", "order", "config", "do", "at", "lesson", "step", "from", "pick", "sel",
    "tab", "topic", "squares", "filter", "branch",
];

/// Whether a link, or a run in a file, may have a part of this key.
///
/// # Errors
/// It may not; what is expected.
pub fn known_part(key: &str) -> Result<(), String> {
    let is_number = |broker: &str| broker.bytes().all(|byte| byte.is_ascii_digit());
    if PARTS.contains(&key) || key.strip_prefix("config").is_some_and(is_number) {
        return Ok(());
    }
    let found: String = key.chars().take(60).collect();
    Err(format!("one of {} is expected, found {found}", PARTS.join(", ")))
}

fn damaged<T>(place: &str, message: impl Into<String>) -> Result<T, CommandError> {
    Err(CommandError { place: format!("link, {place}"), message: message.into() })
}

/// A text as one part of a link may hold it.
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => out.push(byte as char),
            b' ' => out.push('+'),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

/// The text of an escaped part; `None` if it is none.
pub fn unescape(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        match byte {
            b'+' => bytes.push(b' '),
            b'%' => {
                let high = char::from(rest.next()?).to_digit(16)?;
                let low = char::from(rest.next()?).to_digit(16)?;
                bytes.push((high * 16 + low) as u8);
            }
            byte => bytes.push(byte),
        }
    }
    String::from_utf8(bytes).ok()
}

fn pairs(entries: &[(Name, Name)]) -> String {
    entries.iter().map(|(name, value)| format!("{}:{}", escape(name), escape(value))).collect::<Vec<_>>().join(",")
}

fn parse_pairs(place: &str, text: &str) -> Result<Vec<(Name, Name)>, CommandError> {
    let mut entries = Vec::new();
    for pair in text.split(',').filter(|pair| !pair.is_empty()) {
        let parts = pair.split_once(':').and_then(|(name, value)| Some((unescape(name)?, unescape(value)?)));
        let Some((name, value)) = parts else { return damaged(place, format!("name:value is expected, found {pair}")) };
        entries.push((name.into(), value.into()));
    }
    Ok(entries)
}

fn ids(list: &[i32]) -> String {
    list.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
}

fn number<T: std::str::FromStr>(place: &str, text: &str) -> Result<T, CommandError> {
    text.parse().or_else(|_| damaged(place, format!("a number is expected, found {text}")))
}

fn parse_ids(place: &str, text: &str) -> Result<Vec<i32>, CommandError> {
    text.split(',').filter(|id| !id.is_empty()).map(|id| number(place, id)).collect()
}

impl Timeline {
    /// What the cluster began with, as a link has it.
    fn share_genesis(&self) -> String {
        let genesis = self.genesis();
        let mut parts = vec![
            VERSION.to_owned(),
            format!("seed={}", genesis.seed),
            format!("brokers={}", ids(&genesis.brokers)),
            format!("zk={}", genesis.zookeeper),
            format!("tick={}", genesis.tick_ms),
        ];
        if !genesis.not_started.is_empty() {
            parts.push(format!("down={}", ids(&genesis.not_started)));
        }
        if !genesis.start_in_order {
            parts.push("order=0".into());
        }
        if !genesis.config.is_empty() {
            parts.push(format!("config={}", pairs(&genesis.config)));
        }
        for (broker, entries) in &genesis.broker_config {
            parts.push(format!("config{broker}={}", pairs(entries)));
        }
        parts.join("&")
    }

    /// The journal up to here as a link has it. Of the same journal it is the same allocation.
    fn share_journal(&self) -> Rc<str> {
        let mut written = self.written.borrow_mut();
        written.go_on(self.active, &self.branch().journal, self.commands);
        written.text(self.commands, || self.share_genesis())
    }

    /// Lines of the commands given up to here.
    pub fn given(&self) -> Given {
        let mut written = self.written.borrow_mut();
        written.go_on(self.active, &self.branch().journal, self.commands);
        written.given(self.commands)
    }

    /// A link's text up to the last command given, which is the same allocation until another is given, and the rest.
    pub fn share_parts(&self) -> (Rc<str>, String) {
        let here = self.position();
        (self.share_journal(), format!("&at={}~{}", here.at.0, here.steps))
    }

    /// The text after `#` of a link that brings this moment back.
    pub fn share(&self) -> String {
        let (journal, here) = self.share_parts();
        format!("{journal}{here}")
    }

    /// Brings the moment of a link back.
    ///
    /// # Errors
    /// The link is damaged or of a version that this page does not know; the message names the place.
    pub fn from_share(text: &str) -> Result<Self, CommandError> {
        let text = super::link::unseal(text)?;
        let mut parts = text.split('&');
        if parts.next() != Some(VERSION) {
            return damaged("beginning", format!("a link of this playground begins with #{VERSION}"));
        }
        let mut genesis = Genesis { broker_config: BTreeMap::new(), ..Genesis::default() };
        let mut journal: Vec<(u64, u64, Command)> = Vec::new();
        let (mut at, mut seen) = (None, Vec::new());
        for part in parts {
            let Some((key, value)) = part.split_once('=') else {
                return damaged("part", format!("key=value is expected, found {part}"));
            };
            known_part(key).or_else(|expected| damaged("part", expected))?;
            if key != "do" && seen.contains(&key) {
                return damaged(key, "it is expected once");
            }
            seen.push(key);
            match key {
                "seed" => genesis.seed = number(key, value)?,
                "brokers" => genesis.brokers = parse_ids(key, value)?,
                "down" => genesis.not_started = parse_ids(key, value)?,
                "zk" => genesis.zookeeper = number(key, value)?,
                "tick" => genesis.tick_ms = number(key, value)?,
                "order" => genesis.start_in_order = number::<u8>(key, value)? != 0,
                "config" => genesis.config = parse_pairs(key, value)?,
                "do" => journal.push(parse_command(value)?),
                "at" => {
                    let Some((time, steps)) = value.split_once('~') else {
                        return damaged(key, format!("time~events is expected, found {value}"));
                    };
                    at = Some((number(key, time)?, number(key, steps)?));
                }
                // Other parts belong to the page.
                _ => {
                    if let Some(broker) = key.strip_prefix("config") {
                        genesis.broker_config.insert(number(key, broker)?, parse_pairs(key, value)?);
                    }
                }
            }
        }
        if genesis.brokers.len() > 200 || genesis.zookeeper > 9 || !(100..=60_000).contains(&genesis.tick_ms) {
            return damaged("cluster", "at most 200 brokers, 9 ZooKeeper servers and ticks of 100 to 60000 ms");
        }
        if journal.len() > COMMANDS_MAX {
            return damaged("do", format!("at most {COMMANDS_MAX} commands are expected"));
        }
        Self::replay(genesis, journal, at)
    }

    fn replay(
        genesis: Genesis,
        journal: Vec<(u64, u64, Command)>,
        at: Option<(u64, u64)>,
    ) -> Result<Self, CommandError> {
        let mut timeline = Self::new(genesis)?;
        for (index, (time, steps, command)) in journal.into_iter().enumerate() {
            if let Command::Wait(_) = command {
                return damaged("do", format!("command {}: a link has moments where a person waits", index + 1));
            }
            timeline.replay_to(time, steps)?;
            timeline.act(command).map_err(|error| CommandError {
                place: format!("link, command {}: {}", index + 1, error.place),
                message: error.message,
            })?;
        }
        if let Some((time, steps)) = at {
            timeline.replay_to(time, steps)?;
            let here = timeline.position();
            let branch = &mut timeline.branches[timeline.active];
            branch.end = branch.end.max(here);
        }
        Ok(timeline)
    }
}

impl Timeline {
    /// The moment of a link that another version of the playground made, or that was changed by hand: there it lay
    /// behind another number of events. Commands are given at the times that the link tells.
    pub fn strayed_at(&self) -> Option<SimTime> {
        self.strayed_at
    }

    /// Goes on to a position of a link; a journal's times only rise.
    pub(super) fn replay_to(&mut self, time: u64, steps: u64) -> Result<(), CommandError> {
        // Times are counted in microseconds and added to: a damaged number must not pass the end of time.
        const TIME_MAX: u64 = 1 << 52;
        let target = Position { at: SimTime(time), steps, commands: self.commands };
        let is_strayed = self.strayed_at.is_some();
        if target < self.position() && !(is_strayed && target.at >= self.now()) {
            return damaged("do", "times and event numbers must rise");
        }
        let left = |run: &Run| EVENTS_MAX.saturating_sub(run.world.steps()).max(1);
        let is_there = time <= TIME_MAX
            && (is_strayed || self.go_to_within(target, left(&self.run)))
            // Of one moment there may be events before and behind it.
            && (self.now() == target.at || self.run_to(target.at, left(&self.run)));
        if !is_there {
            return damaged("at", format!("the moment lies more than {EVENTS_MAX} events ahead"));
        }
        if !is_strayed && self.position() != target {
            self.strayed_at = Some(target.at);
        }
        Ok(())
    }
}

fn parse_command(value: &str) -> Result<(u64, u64, Command), CommandError> {
    let mut parts = value.splitn(3, '~');
    let (Some(time), Some(steps), Some(text)) = (parts.next(), parts.next(), parts.next()) else {
        return damaged("do", format!("time~events~command is expected, found {value}"));
    };
    let Some(text) = unescape(text) else { return damaged("do", "a broken % sequence") };
    let command = Command::parse(&text)
        .map_err(|error| CommandError { place: format!("link, {text}, {}", error.place), message: error.message })?;
    Ok((number("do", time)?, number("do", steps)?, command))
}
