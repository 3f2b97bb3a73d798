//! `kafka-console-consumer.sh` (`ConsoleConsumer`, `DefaultMessageFormatter`).
//!
//! Leaves out formatters of internal topics, deserializers, and files of properties.

use super::console::{get, is_true, known, merge, properties, set};
use super::filter::include_list;
use super::options::Options;
use super::script::{Ask, Flow, Reply, Script, Stop};
use crate::beside::{Beside, beside};
use crate::config::ConfigKind;
use crate::consumer::{ConsumerCommand, Received};
use crate::ids::{Name, TopicPartition};

pub(super) const USAGE: Beside = beside!("shell/usage/kafka-console-consumer.txt");

pub(super) fn main(script: &mut Script<'_>) -> Flow<()> {
    let options = match Options::parse(USAGE.text(), script.words()) {
        Ok(options) => options,
        Err(thrown) => return super::options::refuse(USAGE.text(), script, &thrown.message),
    };
    options.help_or_version(script)?;
    let partition: Option<i32> = options.number("partition")?;
    check(&options, script, partition)?;
    let entries = consumer_configs(&options, script, partition)?;
    let offset = offset(&options, script)?;
    let timeout_ms = options.number::<i64>("timeout-ms")?.and_then(|ms| u64::try_from(ms).ok());
    let most = options.number::<i32>("max-messages");
    let is_counted = most.is_ok();
    let most = most.ok().flatten().and_then(|count| u64::try_from(count).ok());
    let format = format(&options, script)?;
    let reads = reads(&options, partition, offset, most)?;
    // Why is only logged.
    script.reaches("").map_err(|_| Stop::Exit(1))?;
    let servers = script.servers();
    let entries = known(entries, ConfigKind::Consumer);
    if let Reply::Started(Err(_)) = script.reply(Ask::Consume { servers, entries, reads })? {
        return Err(Stop::Exit(1));
    }
    let (mut seen, mut count, mut unread) = (0, 0, Vec::new());
    while is_counted && most.is_none_or(|most| count < most) {
        let Reply::Received(records) = script.reply(Ask::Receive { seen, timeout_ms })? else { break };
        if records.is_empty() {
            break;
        }
        seen += records.len();
        for record in records.iter() {
            if most.is_some_and(|most| count >= most) {
                // Positions go back to what nobody consumed, so that it is not committed.
                if !unread.iter().any(|(tp, _)| *tp == record.tp) {
                    unread.push((record.tp.clone(), record.offset()));
                }
                continue;
            }
            count += 1;
            if let Some(format) = &format {
                script.print(&format.text(record));
            }
        }
    }
    script.reply(Ask::Close(unread))?;
    script.err(&format!("Processed a total of {count} messages"));
    if options.has("enable-systest-events") {
        script.say("shutdown_complete");
    }
    // How many are wanted is read last, and what is wrong with it goes to the log.
    if is_counted { Ok(()) } else { Err(Stop::Exit(1)) }
}

fn check(options: &Options, script: &mut Script<'_>, partition: Option<i32>) -> Flow<()> {
    let filtered = options.count(&["include", "whitelist"]) > 0;
    if options.has("topic") == filtered {
        let deprecated = "--whitelist is DEPRECATED use --include instead; ignored if --include specified.";
        let more = if options.has("whitelist") { deprecated } else { "" };
        return options.refuse(script, &format!("Exactly one of --include/--topic is required. {more}"));
    }
    if partition.is_some() {
        if !options.has("topic") {
            return options.refuse(script, "The topic is required when partition is specified.");
        }
        if options.has("from-beginning") && options.has("offset") {
            return options.refuse(script, "Options from-beginning and offset cannot be specified together.");
        }
    } else if options.has("offset") {
        return options.refuse(script, "The partition is required when offset is specified.");
    }
    options.required(script, &["bootstrap-server"])
}

fn consumer_configs(options: &Options, script: &mut Script<'_>, partition: Option<i32>) -> Flow<Vec<(Name, Name)>> {
    let mut entries = properties(options, "consumer-property");
    let mut groups: Vec<String> = options.value("group")?.into_iter().collect();
    if let Some(group) = get(&entries, "group.id").filter(|group| !groups.iter().any(|known| known == group)) {
        groups.push(group.to_owned());
    }
    if groups.len() > 1 {
        let mut names: Vec<Name> = groups.iter().map(|group| group.as_str().into()).collect();
        super::hash_map::order(&mut names);
        let names: Vec<String> = names.iter().map(|group| format!("'{group}'")).collect();
        let message = "The group ids provided in different places (directly using '--group', via '--consumer-property', \
                       or via '--consumer.config') do not match. Detected group ids: ";
        return options.refuse(script, &format!("{message}{}", names.join(", ")));
    }
    if !groups.is_empty() && partition.is_some() {
        return options.refuse(script, "Options group and partition cannot be specified together.");
    }
    let beginning = options.has("from-beginning");
    match get(&entries, "auto.offset.reset") {
        Some(reset) if beginning && reset != "earliest" => {
            script.err(&format!(
                "Can't simultaneously specify --from-beginning and 'auto.offset.reset={reset}', please remove one option"
            ));
            return Err(Stop::Exit(1));
        }
        Some(_) => {}
        None => set(&mut entries, "auto.offset.reset", if beginning { "earliest" } else { "latest" }),
    }
    merge(options, &mut entries, "isolation.level", "isolation-level", "read_uncommitted")?;
    match groups.first() {
        Some(group) => set(&mut entries, "group.id", group),
        None => {
            let number = script.random(100_000)?;
            set(&mut entries, "group.id", &format!("console-consumer-{number}"));
            if get(&entries, "enable.auto.commit").is_none() {
                set(&mut entries, "enable.auto.commit", "false");
            }
        }
    }
    Ok(entries)
}

/// Where a partition is read from.
#[derive(Clone, Copy)]
enum Start {
    Earliest,
    Latest,
    At(i64),
}

fn offset(options: &Options, script: &mut Script<'_>) -> Flow<Start> {
    let Some(text) = options.value("offset")? else {
        return Ok(if options.has("from-beginning") { Start::Earliest } else { Start::Latest });
    };
    match text.to_ascii_lowercase().as_str() {
        "earliest" => Ok(Start::Earliest),
        "latest" => Ok(Start::Latest),
        _ => match text.parse().ok().filter(|offset| *offset >= 0) {
            Some(offset) => Ok(Start::At(offset)),
            None => {
                let message = format!(
                    "The provided offset value '{text}' is incorrect. Valid values are 'earliest', 'latest', or a \
                     non-negative long."
                );
                options.refuse(script, &message)
            }
        },
    }
}

fn reads(options: &Options, partition: Option<i32>, start: Start, most: Option<u64>) -> Flow<Vec<ConsumerCommand>> {
    let mut reads: Vec<ConsumerCommand> = most.map(ConsumerCommand::StopAfter).into_iter().collect();
    match (options.value("topic")?, partition) {
        (Some(topic), Some(partition)) => {
            let tp = TopicPartition::new(topic, partition);
            reads.push(ConsumerCommand::Assign { partitions: vec![tp.clone()] });
            reads.push(match start {
                Start::Earliest => ConsumerCommand::SeekToBeginning { tp },
                Start::Latest => ConsumerCommand::SeekToEnd { tp },
                Start::At(offset) => ConsumerCommand::Seek { tp, offset },
            });
        }
        (Some(topic), None) => reads.push(ConsumerCommand::Subscribe { topics: vec![topic.into()] }),
        (None, _) => {
            let include = options.value("include")?.or(options.value("whitelist")?).unwrap_or_default();
            reads.push(ConsumerCommand::SubscribePattern { pattern: include_list(&include)? });
        }
    }
    Ok(reads)
}

/// How records are printed; `None` for those that print nothing to the console.
fn format(options: &Options, script: &mut Script<'_>) -> Flow<Option<Format>> {
    const NEW: &str = "org.apache.kafka.tools.consumer.";
    let class = options.value("formatter")?.unwrap_or_else(|| format!("{NEW}DefaultMessageFormatter"));
    let name = class.rsplit('.').next().unwrap_or("").to_owned();
    if class == format!("kafka.tools.{name}") {
        script.err(&format!(
            "WARNING: {class} is deprecated and will be removed in the next major release. Please use {NEW}{name} instead"
        ));
    } else if class != format!("{NEW}{name}") {
        return options.refuse(script, &class);
    }
    match name.as_str() {
        "DefaultMessageFormatter" | "LoggingMessageFormatter" => {
            Ok(Some(Format::new(&properties(options, "property"))))
        }
        "NoOpMessageFormatter" => Ok(None),
        _ => options.refuse(script, &class),
    }
}

/// `DefaultMessageFormatter`
struct Format {
    timestamp: bool,
    partition: bool,
    offset: bool,
    headers: bool,
    key: bool,
    value: bool,
    key_separator: String,
    line_separator: String,
    headers_separator: String,
    null: String,
}

impl Format {
    fn new(properties: &[(Name, Name)]) -> Self {
        let text = |key: &str, default: &str| get(properties, key).unwrap_or(default).to_owned();
        Self {
            timestamp: is_true(properties, "print.timestamp", false),
            partition: is_true(properties, "print.partition", false),
            offset: is_true(properties, "print.offset", false),
            headers: is_true(properties, "print.headers", false),
            key: is_true(properties, "print.key", false),
            value: is_true(properties, "print.value", true),
            key_separator: text("key.separator", "\t"),
            line_separator: text("line.separator", "\n"),
            headers_separator: text("headers.separator", ","),
            null: text("null.literal", "null"),
        }
    }

    fn text(&self, record: &Received) -> String {
        let field = |bytes: Option<&[u8]>| {
            bytes.map_or_else(|| self.null.clone(), |bytes| String::from_utf8_lossy(bytes).into_owned())
        };
        let mut columns = Vec::new();
        if self.timestamp {
            let kind = if record.log_append_time() { "LogAppendTime" } else { "CreateTime" };
            columns.push(format!("{kind}:{}", record.timestamp_ms()));
        }
        if self.partition {
            columns.push(format!("Partition:{}", record.tp.partition));
        }
        if self.offset {
            columns.push(format!("Offset:{}", record.offset()));
        }
        if self.headers {
            let header = |(name, value): &(Name, Option<_>)| format!("{name}:{}", field(value.as_deref()));
            let headers: Vec<String> = record.headers().iter().map(header).collect();
            columns.push(if headers.is_empty() {
                "NO_HEADERS".to_owned()
            } else {
                headers.join(&self.headers_separator)
            });
        }
        if self.key {
            columns.push(field(record.key()));
        }
        if self.value {
            columns.push(field(record.value()));
        }
        if columns.is_empty() { String::new() } else { columns.join(&self.key_separator) + &self.line_separator }
    }
}
