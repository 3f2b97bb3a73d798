//! The script: what was commanded, the pauses in between, and what to expect at each rest.

use super::expect::{Looks, printed};
use super::lines::{Clients, Line};
use super::shell::{addresses, ensemble, line};
use super::{KAFKA_VERSION, Remark};
use crate::collections::BTreeMap;
use crate::command::CommandError;
use crate::ids::Name;
use crate::time::{SimDuration, SimTime};
use crate::timeline::Timeline;

/// After a pause as long as this the run rests: the script looks.
const REST_MS: u64 = 1000;
/// What a rest is longer on real brokers: processes start, sessions end at the next tick.
pub(super) const MARGIN_MS: u64 = 2000;
/// Shorter pauses are left out.
const PAUSE_MIN_MS: u64 = 50;
/// What stands between the start of the cluster and the run.
const BEGINS: &str = "\n# ==== The run\n";
/// How what has to be printed begins.
const EXPECTED: &str = "#= ";
/// How what was printed here begins, where chance or what could not be done has a part in it.
const BY_CHANCE: &str = "#~ ";

/// The file.
pub(super) fn script(timeline: &Timeline, title: &str, remarks: &[Remark]) -> Result<String, CommandError> {
    let mut writer = Writer { at: timeline.start(), ..Writer::default() };
    let mut remarks = remarks.iter().peekable();
    let mut clients = Clients::default();
    let mut looks = Looks::default();
    timeline.again(|at, command| {
        let now = at.position();
        let ms = now.at.0.saturating_sub(writer.at.0) / 1000;
        writer.pending_ms += ms;
        writer.at = now.at;
        if writer.pending_ms >= REST_MS || command.is_none() {
            writer.pending_ms = (writer.pending_ms + MARGIN_MS).next_multiple_of(1000);
            writer.sleep();
            for (look, out, by_chance) in looks.new_ones(at, &clients) {
                writer.push(&look);
                writer.tell(&out, by_chance);
            }
        }
        while let Some(remark) = remarks.next_if(|remark| remark.at <= now) {
            writer.remark(remark);
        }
        let Some(command) = command else { return };
        for line in clients.lines(command, at) {
            if let Line::Tool { words, .. } = &line
                && words.first().is_some_and(|tool| tool != "kafka-console-producer.sh")
            {
                // What was commanded at one moment is done one after the other here.
                let soon = writer.is_soon(now.at);
                let told = printed(&line, at, SimDuration::from_ms(if soon { REST_MS } else { 0 }));
                writer.push(&line);
                if let Some((out, status)) = told {
                    writer.tell(&out, clients.astray);
                    if status != 0 {
                        writer.out.push_str(&format!("{EXPECTED}exit status {status}\n"));
                    }
                }
            } else {
                writer.push(&line);
            }
        }
    })?;
    for remark in remarks {
        writer.remark(remark);
    }
    Ok(head(timeline, title, &writer.tools) + &writer.out)
}

#[derive(Default)]
struct Writer {
    out: String,
    at: SimTime,
    /// Simulated time for which the script has not slept yet.
    pending_ms: u64,
    /// When a tool ran last.
    tool_at: Option<SimTime>,
    tools: BTreeMap<Name, ()>,
    /// The console producer's run that was written last, while nothing came after it.
    open: Option<Open>,
}

/// A run of the console producer that may go on.
struct Open {
    words: Vec<String>,
    /// Where its records end in the script.
    at: usize,
    /// The line that ends them.
    end: String,
}

/// A line that is none of these: what is given to a tool must not end before its time.
fn end_of(lines: &[String]) -> String {
    let mut end = "END".to_owned();
    while lines.contains(&end) {
        end.push('_');
    }
    end
}

impl Writer {
    /// True if a tool ran just before.
    fn is_soon(&mut self, now: SimTime) -> bool {
        self.tool_at.replace(now).is_some_and(|before| now.0.saturating_sub(before.0) < REST_MS * 1000)
    }

    fn sleep(&mut self) {
        let ms = std::mem::take(&mut self.pending_ms);
        if ms >= PAUSE_MIN_MS {
            self.open = None;
            let tenths = ms.div_ceil(100);
            self.out.push_str(&match tenths % 10 {
                0 => format!("sleep {}\n", tenths / 10),
                rest => format!("sleep {}.{rest}\n", tenths / 10),
            });
        }
    }

    fn push(&mut self, what: &Line) {
        if let (Line::Tool { words, stdin }, Some(open)) = (what, &mut self.open)
            && *words == open.words
            && !stdin.contains(&open.end)
        {
            // The same producer goes on: one run of the tool.
            let more = stdin.iter().map(|text| format!("{text}\n")).collect::<String>();
            self.out.insert_str(open.at, &more);
            open.at += more.len();
            self.pending_ms = 0;
            return;
        }
        self.sleep();
        self.open = None;
        match what {
            Line::Comment(text) => self.out.push_str(&format!("# ({})\n", text.replace(char::is_control, " "))),
            Line::Shell(text) => self.out.push_str(&format!("{text}\n")),
            Line::Tool { words, stdin } => {
                if let Some(tool) = words.first() {
                    self.tools.insert(tool.as_str().into(), ());
                }
                self.out.push_str(&line(words));
                if stdin.is_empty() {
                    self.out.push('\n');
                    return;
                }
                let end = end_of(stdin);
                self.out.push_str(&format!(" <<'{end}'\n"));
                for text in stdin {
                    self.out.push_str(&format!("{text}\n"));
                }
                if words.first().is_some_and(|tool| tool == "kafka-console-producer.sh") {
                    self.open = Some(Open { words: words.clone(), at: self.out.len(), end: end.clone() });
                }
                self.out.push_str(&format!("{end}\n"));
            }
        }
    }

    fn tell(&mut self, lines: &[String], by_chance: bool) {
        let mark = if by_chance { BY_CHANCE } else { EXPECTED };
        for text in lines {
            self.out.push_str(&format!("{mark}{}\n", text.trim_end()));
        }
    }

    fn remark(&mut self, remark: &Remark) {
        self.open = None;
        self.out.push_str(&if remark.is_heading {
            format!("\n# ---- {}\n", remark.text)
        } else {
            format!("# {}\n", remark.text)
        });
    }
}

/// What the file begins with: what it is, what it needs, how the cluster starts.
fn head(timeline: &Timeline, title: &str, tools: &BTreeMap<Name, ()>) -> String {
    let genesis = timeline.genesis();
    let mut out = format!(
        "#!/usr/bin/env bash\n\
         # {title}: a run of the Kafka Playground, on Apache Kafka {KAFKA_VERSION}.\n\
         #\n\
         # Needs Docker with Compose. Put docker-compose.yml beside this file, then: bash run.sh\n\
         # \"{}\" before a line: the simulation printed it, and Kafka should. Ids, hosts, times\n\
         # and the order within Isr are your own.\n\
         # \"{}\" before a line: it was so here; chance, or what the tools cannot do, has a part in it.\n\
         # Your clock runs on while the tools start: a few seconds each.\n\
         set -u\n\
         cd \"$(dirname \"$0\")\" || exit 1\n\n\
         BOOTSTRAP={}\n",
        EXPECTED.trim_end(),
        BY_CHANCE.trim_end(),
        addresses(&genesis.brokers)
    );
    for (tool, ()) in tools {
        out.push_str(&format!("{tool}() {{ docker compose exec -T tools /opt/kafka/bin/{tool} \"$@\"; }}\n"));
    }
    out.push_str(
        "# A console consumer in a container of its own; `docker logs NAME` shows what it read.\n\
         consumer() { docker rm -f \"$1\" >/dev/null 2>&1; docker compose run -d --name \"$1\" --entrypoint \"$2\" tools \"${@:3}\" >/dev/null; }\n\
         # A command in a node's network.\n\
         net() { docker run --rm --cap-add NET_ADMIN --network \"container:$(docker compose ps -aq \"$1\")\" nicolaka/netshoot \"${@:2}\"; }\n\
         # Until a broker answers, has ended, or two minutes have passed.\n\
         await() {\n  \
           for _ in {1..12}; do\n    \
             docker compose exec -T tools timeout 10 /opt/kafka/bin/kafka-broker-api-versions.sh --bootstrap-server \"$1:9092\" >/dev/null 2>&1 && return\n    \
             [ -n \"$(docker compose ps -q --status running \"$1\")\" ] || break\n    \
             sleep 1\n  \
           done\n  \
           echo \"$1 does not answer\" >&2\n\
         }\n\n\
         # ---- The cluster\n",
    );
    let servers: Vec<String> =
        ensemble(genesis.zookeeper).split(',').map(|one| one.trim_end_matches(":2181").to_owned()).collect();
    out.push_str(&format!("docker compose up -d tools {}\n", servers.join(" ")));
    let started: Vec<String> = genesis
        .brokers
        .iter()
        .filter(|id| !genesis.not_started.contains(id))
        .map(|id| format!("broker-{id}"))
        .collect();
    if genesis.start_in_order {
        for broker in &started {
            out.push_str(&format!("docker compose up -d {broker}\nawait {broker}\n"));
        }
    } else {
        out.push_str(&format!("docker compose up -d {}\n", started.join(" ")));
        started.iter().for_each(|broker| out.push_str(&format!("await {broker}\n")));
    }
    for id in &genesis.not_started {
        out.push_str(&format!("docker compose create broker-{id}\n"));
    }
    out.push_str(BEGINS);
    out
}
