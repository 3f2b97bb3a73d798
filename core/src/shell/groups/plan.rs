//! The CSV file of `--reset-offsets --from-file`: `topic,partition,offset`, or with the group before them.
//!
//! Simplified: a line with too many or too few fields is refused in words of our own.

use crate::ids::{Name, TopicPartition};
use crate::shell::thrown::Thrown;

/// What stands in the file.
pub(super) struct Plan {
    /// Printed while it was read.
    pub complaints: Vec<String>,
    /// Group, partition, offset; of a partition that stands twice, the last.
    pub rows: Result<Vec<(Name, TopicPartition, i64)>, Thrown>,
}

pub(super) fn parse(text: &str, single: Option<&str>) -> Plan {
    let lines: Vec<&str> = text.trim_end_matches('\n').split('\n').collect();
    let mut complaints = Vec::new();
    let first = lines.first().copied().unwrap_or("");
    let old = without_group(first);
    let is_old = old.is_ok();
    if let Err(thrown) = old {
        complaints.push(thrown.trace());
    }
    let mut rows: Vec<(Name, TopicPartition, i64)> = Vec::new();
    for line in lines {
        let row = match single.filter(|_| is_old) {
            Some(group) => without_group(line).map(|(tp, offset)| (group.into(), tp, offset)),
            None => with_group(line),
        };
        let row = match row {
            Ok(row) => row,
            Err(thrown) => {
                return Plan { complaints, rows: Err(Thrown::wrapped("java.lang.RuntimeException", thrown)) };
            }
        };
        rows.retain(|(group, tp, _)| (group, tp) != (&row.0, &row.1));
        rows.push(row);
    }
    Plan { complaints, rows: Ok(rows) }
}

/// What Jackson says of a line: the first field that is no number, or that there are too many or too few.
fn unreadable(line: &str, class: &str, first_number: usize) -> Thrown {
    let fields = fields(line);
    for (name, kind, index) in [("partition", "int", first_number), ("offset", "long", first_number + 1)] {
        let Some(field) = fields.get(index) else { continue };
        let is_number = if kind == "int" { field.parse::<i32>().is_ok() } else { field.parse::<i64>().is_ok() };
        if !is_number {
            let column: usize = fields.iter().take(index).map(|field| field.chars().count() + 1).sum::<usize>() + 1;
            let message = format!(
                "Cannot deserialize value of type `{kind}` from String \"{field}\": not a valid `{kind}` value\n at [Source: \
                 (StringReader); line: 1, column: {column}] (through reference chain: \
                 org.apache.kafka.tools.consumer.group.CsvUtils${class}[\"{name}\"])"
            );
            return Thrown::new("com.fasterxml.jackson.databind.exc.InvalidFormatException", message);
        }
    }
    let message = format!("Too many or too few entries: expected {}", first_number + 2);
    Thrown::new("com.fasterxml.jackson.dataformat.csv.CsvReadException", message)
}

fn fields(line: &str) -> Vec<&str> {
    line.split(',').map(|field| field.trim().trim_matches('"')).collect()
}

/// `CsvRecordNoGroup`
fn without_group(line: &str) -> Result<(TopicPartition, i64), Thrown> {
    let row = match fields(line).as_slice() {
        [topic, partition, offset] => partition.parse().ok().zip(offset.parse().ok()).map(|(p, o)| (*topic, p, o)),
        _ => None,
    };
    let row = row.map(|(topic, partition, offset)| (TopicPartition::new(topic, partition), offset));
    row.ok_or_else(|| unreadable(line, "CsvRecordNoGroup", 1))
}

/// `CsvRecordWithGroup`
fn with_group(line: &str) -> Result<(Name, TopicPartition, i64), Thrown> {
    let read = line.split_once(',').and_then(|(group, rest)| Some((Name::from(group), without_group(rest).ok()?)));
    read.map(|(group, (tp, offset))| (group, tp, offset)).ok_or_else(|| unreadable(line, "CsvRecordWithGroup", 2))
}

/// As Jackson writes a text: in quotes if it needs them.
pub(super) fn quoted(text: &str) -> String {
    if text.contains([',', '"', ' ', '\n']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text.to_owned() }
}
