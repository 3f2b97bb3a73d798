//! `kafka-console-producer.sh` (`ConsoleProducer`, `LineMessageReader`): each line that it is given is a record.
//!
//! Simplified: `--sync` does not wait for each record. Leaves out other readers and files of properties.

use super::console::{get, is_true, known, merge, properties, set};
use super::options::{Options, refuse};
use super::script::{Ask, Flow, Record, Reply, Script, Stop};
use super::thrown::Thrown;
use crate::beside::{Beside, beside};
use crate::config::ConfigKind;
use crate::ids::Name;

pub(super) const USAGE: Beside = beside!("shell/usage/kafka-console-producer.txt");
/// Options that are configs of the producer, with their defaults (`maybeMergeOptions`).
const MERGED: [(&str, &str, &str); 9] = [
    ("linger.ms", "timeout", "1000"),
    ("acks", "request-required-acks", "-1"),
    ("request.timeout.ms", "request-timeout-ms", "1500"),
    ("retries", "message-send-max-retries", "3"),
    ("retry.backoff.ms", "retry-backoff-ms", "100"),
    ("buffer.memory", "max-memory-bytes", "33554432"),
    ("batch.size", "batch-size", "16384"),
    ("metadata.max.age.ms", "metadata-expiry-ms", "300000"),
    ("max.block.ms", "max-block-ms", "60000"),
];

pub(super) fn main(script: &mut Script<'_>) -> Flow<()> {
    match run(script) {
        Err(Stop::Thrown(thrown)) => {
            script.err(&if thrown.class.starts_with("joptsimple.") { thrown.message } else { thrown.trace() });
            Err(Stop::Exit(1))
        }
        other => other,
    }
}

fn run(script: &mut Script<'_>) -> Flow<()> {
    let options = match Options::parse(USAGE.text(), script.words()) {
        Ok(options) if options.count(&["bootstrap-server", "broker-list", "help", "version"]) == 0 => {
            return refuse(USAGE.text(), script, "Missing required option(s) [bootstrap-server]");
        }
        Ok(options) => options,
        Err(thrown) => return refuse(USAGE.text(), script, &thrown.message),
    };
    options.help_or_version(script)?;
    options.required(script, &["topic"])?;
    let topic = Name::from(options.value("topic")?.unwrap_or_default());
    options.valid_port(script)?;
    let mut entries = properties(&options, "producer-property");
    let codec = options.value("compression-codec")?.unwrap_or_default();
    let codec = match (options.has("compression-codec"), codec.as_str()) {
        (false, _) => "none",
        (true, "") => "gzip",
        (true, codec) => codec,
    };
    set(&mut entries, "compression.type", codec);
    for (key, option, default) in MERGED {
        merge(&options, &mut entries, key, option, default)?;
    }
    if let Some(bytes) = options.checked("max-partition-memory-bytes")? {
        set(&mut entries, "batch.size", &bytes);
    }
    let entries = known(entries, ConfigKind::Producer);
    if let Reply::Started(Err(message)) = script.reply(Ask::Produce { servers: script.servers(), entries })? {
        return Err(Thrown::new("org.apache.kafka.common.config.ConfigException", message).into());
    }
    script.reaches("Failed to construct kafka producer")?;
    let sent = send_lines(&options, script, &topic);
    if matches!(sent, Err(Stop::Waiting)) {
        return sent;
    }
    script.reply(Ask::Close(Vec::new()))?;
    sent
}

fn send_lines(options: &Options, script: &mut Script<'_>, topic: &Name) -> Flow<()> {
    if let Some(class) = options.value("line-reader")?.filter(|class| !class.ends_with("$LineMessageReader")) {
        return Err(Thrown::new("java.lang.ClassNotFoundException", class).into());
    }
    let reader = Reader::new(&properties(options, "property"))?;
    if script.line.is_typed {
        let mut number = 0;
        while let Reply::Line(line) = script.reply(Ask::ReadLine)? {
            number += 1;
            let records = vec![reader.read(&line, number)?];
            script.reply(Ask::Send { topic: topic.clone(), records })?;
        }
        return Ok(());
    }
    let input = script.line.stdin.clone().unwrap_or_else(|| "".into());
    let mut records = Vec::new();
    let mut outcome = Ok(());
    for (number, line) in (1..).zip(input.lines()) {
        match reader.read(line, number) {
            Ok(record) => records.push(record),
            Err(thrown) => {
                outcome = Err(thrown.into());
                break;
            }
        }
    }
    script.reply(Ask::Send { topic: topic.clone(), records })?;
    outcome
}

fn kafka(message: impl Into<String>) -> Thrown {
    Thrown::new("org.apache.kafka.common.KafkaException", message)
}

/// `LineMessageReader`
struct Reader {
    parse_key: bool,
    parse_headers: bool,
    ignore_error: bool,
    key_separator: String,
    headers_delimiter: String,
    headers_separator: String,
    headers_key_separator: String,
    null: Option<String>,
}

impl Reader {
    fn new(properties: &[(Name, Name)]) -> Result<Self, Thrown> {
        let text = |key: &str, default: &str| get(properties, key).unwrap_or(default).to_owned();
        let reader = Self {
            parse_key: is_true(properties, "parse.key", false),
            parse_headers: is_true(properties, "parse.headers", false),
            ignore_error: is_true(properties, "ignore.error", false),
            key_separator: text("key.separator", "\t"),
            headers_delimiter: text("headers.delimiter", "\t"),
            headers_separator: text("headers.separator", ","),
            headers_key_separator: text("headers.key.separator", ":"),
            null: get(properties, "null.marker").map(str::to_owned),
        };
        let key_separator = ("key.separator", Some(&reader.key_separator));
        let delimiter = ("headers.delimiter", Some(&reader.headers_delimiter));
        let separator = ("headers.separator", Some(&reader.headers_separator));
        let of_header = ("headers.key.separator", Some(&reader.headers_key_separator));
        let null = ("null.marker", reader.null.as_ref());
        for (one, other) in [
            (delimiter, separator),
            (delimiter, of_header),
            (separator, of_header),
            (null, key_separator),
            (null, separator),
            (null, delimiter),
            (null, of_header),
        ] {
            if one.1 == other.1 {
                return Err(kafka(format!("{} and {} may not be equal", one.0, other.0)));
            }
        }
        Ok(reader)
    }

    fn is_null(&self, text: &str) -> bool {
        self.null.as_deref() == Some(text)
    }

    /// What stands before a mark, and what behind it.
    fn part<'a>(
        &self,
        wanted: bool,
        rest: &'a str,
        mark: (&str, &str),
        place: (&str, u64),
    ) -> Result<(Option<&'a str>, &'a str), Thrown> {
        let (line, number) = place;
        match rest.split_once(mark.0) {
            _ if !wanted => Ok((None, rest)),
            Some((part, rest)) => Ok((Some(part), rest)),
            None if self.ignore_error => Ok((None, rest)),
            None => Err(kafka(format!("No {} found on line number {number}: '{line}'", mark.1))),
        }
    }

    fn read(&self, line: &str, number: u64) -> Result<Record, Thrown> {
        let place = (line, number);
        let delimiter = (self.headers_delimiter.as_str(), "headers delimiter");
        let (headers, rest) = self.part(self.parse_headers, line, delimiter, place)?;
        let (key, value) = self.part(self.parse_key, rest, (&self.key_separator, "key separator"), place)?;
        let field = |text: &str| (!self.is_null(text)).then(|| Name::from(text));
        let headers = headers.filter(|headers| !self.is_null(headers));
        Ok(Record {
            key: key.and_then(field),
            value: field(value),
            headers: headers.map_or(Ok(Vec::new()), |headers| self.headers(headers, number))?,
        })
    }

    fn headers(&self, text: &str, number: u64) -> Result<Vec<(Name, Option<Name>)>, Thrown> {
        let header = |pair: &str| match pair.split_once(self.headers_key_separator.as_str()) {
            None if self.ignore_error => Ok((pair.into(), None)),
            None => Err(kafka(format!("No header key separator found in pair '{pair}' on line number {number}"))),
            Some((name, _)) if self.is_null(name) => {
                Err(kafka(format!("Header keys should not be equal to the null marker '{name}' as they can't be null")))
            }
            Some((name, value)) => Ok((name.into(), (!self.is_null(value)).then(|| value.into()))),
        };
        text.split(self.headers_separator.as_str()).map(header).collect()
    }
}
