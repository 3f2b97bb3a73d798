//! Lines of Kafka's command-line tools: what they print, as the oracle writes it down (`oracle.py`, `plain`).

use playground_core::ids::Name;
use playground_core::shell::{ToolLine, ToolRun};
use serde_json::{Value, json};

use super::super::bench::TOOL_LOADING_MS;
use super::{Bench, Fields, Task, Verb};

pub const VERBS: &[Verb] = &[Verb { name: "tool", fields: &["line", "files", "stdin", "at", "sorted"], start: tool }];

fn tool(bench: &mut Bench, fields: &Fields) -> Result<Task, String> {
    let all = bench.world.genesis().brokers.clone();
    let at = fields.opt("at", Fields::ids)?.unwrap_or_else(|| all.clone());
    let sorted = fields.opt("sorted", Fields::flag)?.unwrap_or(false);
    let mut files = Vec::new();
    for (name, content) in fields.raw("files").and_then(Value::as_object).into_iter().flatten() {
        let text = content.as_str().map_or_else(|| content.to_string(), str::to_owned);
        bench.files.insert(format!("FILES/{name}"), text);
    }
    files.extend(bench.files.iter().map(|(name, text)| (Name::from(name.as_str()), Name::from(text.as_str()))));
    let words = words(&fields.text("line")?)?;
    let addresses = |ids: &[i32]| ids.iter().map(|id| format!("broker-{id}:9092")).collect::<Vec<_>>().join(",");
    let zookeepers: Vec<String> =
        (1..=bench.world.genesis().zookeeper).map(|id| format!("zookeeper-{id}:2181")).collect();
    let words = words.into_iter().map(|word| {
        let word = word.replace("BOOTSTRAP", &addresses(&at)).replace("ZOOKEEPER", &zookeepers.join(","));
        Name::from(word.replace("DATA-", "FILES/data-"))
    });
    let stdin = fields.opt("stdin", Fields::text)?.map(Name::from);
    let line = ToolLine { words: words.collect(), stdin, files, ..ToolLine::default() };
    let loaded_at = bench.wake_in(TOOL_LOADING_MS);
    let mut line = Some(line);
    let mut ticket = None;
    Ok(Box::new(move |bench| {
        if bench.world.now() < loaded_at {
            return None;
        }
        if let Some(line) = line.take() {
            ticket = bench.run_tool(line).ok();
        }
        let run = bench.world.tool_run(ticket.as_ref()?)?;
        let status = run.status?;
        let clients: Vec<&str> = bench.clients.keys().map(|name| &**name).collect();
        Some(result(run, status, sorted, &clients))
    }))
}

fn result(run: &ToolRun, status: i32, sorted: bool, clients: &[&str]) -> Value {
    let stream = |stderr: bool| {
        let lines: Vec<&str> =
            run.printed.iter().filter(|line| line.stderr == stderr).map(|line| line.text.as_str()).collect();
        plain(&lines.join("\n"), clients)
    };
    let mut out = stream(false);
    if sorted {
        out.sort();
    }
    let mut err = stream(true);
    err.truncate(3);
    let mut result = json!({"status": status, "out": out});
    if !err.is_empty() {
        result["err"] = json!(err);
    }
    result
}

/// Lines without what differs from run to run, blanks squeezed, empty lines left out. A client's host has its name
/// here.
pub fn plain(text: &str, clients: &[&str]) -> Vec<String> {
    let mut text = text.to_owned();
    let replace = |text: &mut String, pattern: &str, by: &str| {
        let regex = regex_lite::Regex::new(pattern).expect("a pattern of the oracle");
        *text = regex.replace_all(text, by).into_owned();
    };
    const BROKER: &str = "\"broker\":";
    for client in clients {
        replace(&mut text, &format!(r"/{}(\s)", regex_lite::escape(client)), "/client$1");
    }
    // Every recorded broker has a folder of its own, those here have `log.dirs` by default.
    let of_broker = |(number, part): (usize, &str)| {
        let digits: String = part.chars().take_while(char::is_ascii_digit).collect();
        let own = format!("FILES/data-{digits}");
        if number == 0 { part.to_owned() } else { part.replace("/tmp/kafka-logs", &own) }
    };
    let parts: Vec<String> = text.split(BROKER).enumerate().map(of_broker).collect();
    text = parts.join(BROKER);
    for (pattern, by) in [
        (r"TopicId: [\w-]{22}", "TopicId: <id>"),
        (r"-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "-<uuid>"),
        (r"(CreateTime|LogAppendTime): ?\d{13}", "$1:<time>"),
        (r"\b1[789]\d{11}\b", "<time>"),
        (r"(CurrentTransactionStartTimeMs[^\n]*\n.*<time>\s+)\d+", "$1<ms>"),
        (r"\bcrc: \d+", "crc: <crc>"),
        (r"\b([cmp]Zxid = )0x\w+", "$1<zxid>"),
        (r"\b(ephemeralOwner = )0x\w\w+", "$1<zxid>"),
        (r"\b([cm]time = )\w{3} \w{3} .*", "$1<time>"),
        (r"\btries=\d+(, next| attempt)", "tries=<n>$1"),
        (r"\bafter \d+(, next| attempt)", "after <n>$1"),
        (r#"("(?:topic_)?id":)"[\w-]{22}""#, "$1\"<id>\""),
    ] {
        replace(&mut text, pattern, by);
    }
    let mut lines = Vec::new();
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        let mut squeezed = line.to_owned();
        replace(&mut squeezed, r"\s+", " ");
        lines.push(squeezed.trim_end().to_owned());
    }
    lines
}

/// As a shell splits a line.
fn words(line: &str) -> Result<Vec<String>, String> {
    let mut words: Vec<String> = Vec::new();
    let mut word: Option<String> = None;
    let mut quote: Option<char> = None;
    for c in line.chars() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (Some(_), c) => word.get_or_insert_default().push(c),
            (None, '\'' | '"') => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (None, ' ') => words.extend(word.take()),
            (None, c) => word.get_or_insert_default().push(c),
        }
    }
    if quote.is_some() {
        return Err(format!("a quote is not closed: {line}"));
    }
    words.extend(word);
    Ok(words)
}
