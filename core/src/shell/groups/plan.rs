//! The CSV file of `--reset-offsets --from-file`: `topic,partition,offset`, or with the group before them.
//!
//! Simplified: what Jackson says of a line that it cannot read is one message for all mistakes.

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
    let is_old = without_group(first).is_some();
    if !is_old {
        complaints.push(unreadable(first).trace());
    }
    let mut rows: Vec<(Name, TopicPartition, i64)> = Vec::new();
    for line in lines {
        let row = match single.filter(|_| is_old) {
            Some(group) => without_group(line).map(|(tp, offset)| (group.into(), tp, offset)),
            None => with_group(line),
        };
        let Some(row) = row else {
            let rows = Err(Thrown::wrapped("java.lang.RuntimeException", unreadable(line)));
            return Plan { complaints, rows };
        };
        rows.retain(|(group, tp, _)| (group, tp) != (&row.0, &row.1));
        rows.push(row);
    }
    Plan { complaints, rows: Ok(rows) }
}

fn unreadable(line: &str) -> Thrown {
    let message = format!("Too many or too few entries, or no number, in: {line}");
    Thrown::new("com.fasterxml.jackson.dataformat.csv.CsvReadException", message)
}

fn fields(line: &str) -> Vec<&str> {
    line.split(',').map(|field| field.trim().trim_matches('"')).collect()
}

fn without_group(line: &str) -> Option<(TopicPartition, i64)> {
    match fields(line).as_slice() {
        [topic, partition, offset] => {
            Some((TopicPartition::new(*topic, partition.parse().ok()?), offset.parse().ok()?))
        }
        _ => None,
    }
}

fn with_group(line: &str) -> Option<(Name, TopicPartition, i64)> {
    match fields(line).as_slice() {
        [group, topic, partition, offset] => {
            let tp = TopicPartition::new(*topic, partition.parse().ok()?);
            Some(((*group).into(), tp, offset.parse().ok()?))
        }
        _ => None,
    }
}

/// As Jackson writes a text: in quotes if it needs them.
pub(super) fn quoted(text: &str) -> String {
    if text.contains([',', '"', ' ', '\n']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text.to_owned() }
}
