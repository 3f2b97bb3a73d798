//! The CSV file of `--reset-offsets --from-file`: `topic,partition,offset`, or with the group before them.
//!
//! Simplified: a line with too many fields is refused in words of our own.

use crate::ids::{Name, TopicPartition};
use crate::shell::thrown::Thrown;

/// What stands in the file.
pub(super) struct Plan {
    /// Printed while it was read.
    pub complaint: Option<String>,
    /// Group, partition, offset; of a partition that stands twice, the last.
    pub rows: Result<Vec<(Name, TopicPartition, i64)>, Thrown>,
}

pub(super) fn parse(text: &str, single: Option<&str>) -> Plan {
    let lines: Vec<&str> = text.trim_end_matches('\n').split('\n').collect();
    let first = lines.first().copied().unwrap_or("");
    let complaint = without_group(first).err().map(|thrown| thrown.trace());
    let is_old = complaint.is_none();
    let mut rows: Vec<(Name, TopicPartition, i64)> = Vec::new();
    for line in lines {
        let row = match single.filter(|_| is_old) {
            Some(group) => without_group(line).map(|(tp, offset)| (group.into(), tp, offset)),
            None => with_group(line),
        };
        let row = match row {
            Ok(row) => row,
            Err(thrown) => {
                return Plan { complaint, rows: Err(Thrown::wrapped("java.lang.RuntimeException", thrown)) };
            }
        };
        rows.retain(|(group, tp, _)| (group, tp) != (&row.0, &row.1));
        rows.push(row);
    }
    Plan { complaint, rows: Ok(rows) }
}

/// A number of a line; a field that is not there is none that is wrong, but 0.
fn number(line: &str, at: usize, what: (&str, &str), class: &str) -> Result<i64, Thrown> {
    let fields = fields(line);
    let Some(field) = fields.get(at).filter(|field| !field.is_empty()) else { return Ok(0) };
    let (name, kind) = what;
    let read: Option<i64> = field.parse().ok();
    read.filter(|number| kind == "long" || i32::try_from(*number).is_ok()).ok_or_else(|| {
        let column: usize = fields.iter().take(at).map(|field| field.chars().count() + 1).sum::<usize>() + 1;
        let message = format!(
            "Cannot deserialize value of type `{kind}` from String \"{field}\": not a valid `{kind}` value\n at [Source: \
             (StringReader); line: 1, column: {column}] (through reference chain: \
             org.apache.kafka.tools.consumer.group.CsvUtils${class}[\"{name}\"])"
        );
        Thrown::new("com.fasterxml.jackson.databind.exc.InvalidFormatException", message)
    })
}

/// Topic, partition and offset behind so many fields of a line.
fn position(line: &str, behind: usize, class: &str) -> Result<(TopicPartition, i64), Thrown> {
    if line.is_empty() {
        let message =
            "No content to map due to end-of-input\n at [Source: (StringReader); line: UNKNOWN, column: UNKNOWN]";
        return Err(Thrown::new("com.fasterxml.jackson.databind.exc.MismatchedInputException", message));
    }
    let partition = number(line, behind + 1, ("partition", "int"), class)?.try_into().unwrap_or(i32::MAX);
    let offset = number(line, behind + 2, ("offset", "long"), class)?;
    let fields = fields(line);
    if fields.len() > behind + 3 {
        let message = format!("Too many entries: expected at most {}", behind + 3);
        return Err(Thrown::new("com.fasterxml.jackson.dataformat.csv.CsvReadException", message));
    }
    let topic = fields.get(behind).copied().unwrap_or_default();
    Ok((TopicPartition::new(topic, partition), offset))
}

fn fields(line: &str) -> Vec<&str> {
    line.split(',').map(|field| field.trim().trim_matches('"')).collect()
}

/// `CsvRecordNoGroup`
fn without_group(line: &str) -> Result<(TopicPartition, i64), Thrown> {
    position(line, 0, "CsvRecordNoGroup")
}

/// `CsvRecordWithGroup`
fn with_group(line: &str) -> Result<(Name, TopicPartition, i64), Thrown> {
    let (tp, offset) = position(line, 1, "CsvRecordWithGroup")?;
    Ok((fields(line).first().copied().unwrap_or_default().into(), tp, offset))
}

/// As Jackson writes a text: in quotes if it needs them.
pub(super) fn quoted(text: &str) -> String {
    if text.contains([',', '"', ' ', '\n']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text.to_owned() }
}
