//! The records of `__consumer_offsets` in words, as the oracle spells them out: times left out,
//! member ids without their uuid.

use playground_core::group::{OffsetsTopicRecord, decode};
use playground_core::log::Record;
use serde_json::{Value, json};

use super::admin::partitions;

/// Key and value in words; `None` for a record that is neither an offset nor a group.
pub fn spell_out(record: &Record) -> Option<(Value, Value)> {
    let read = decode(record.key.as_deref()?, record.value.as_deref())?;
    let value = match &read {
        OffsetsTopicRecord::Offset { value, .. } => value
            .as_ref()
            .map(|value| json!({"offset": value.committed.offset, "leader_epoch": value.committed.leader_epoch})),
        OffsetsTopicRecord::Group { value, .. } => value.as_ref().map(|group| {
            let share = |member: &playground_core::group::MemberValue| {
                (short(&member.member_id).to_owned(), partitions(&member.assignment.partitions))
            };
            json!({
                "generation": group.generation,
                "protocol": group.protocol.as_ref().map(|protocol| protocol.as_str()),
                "leader": group.leader.as_ref().map(|leader| short(leader)),
                "members": Value::Object(group.members.iter().map(share).collect()),
            })
        }),
    };
    Some((json!(read.key()), json!(value)))
}

/// A member id without its uuid: 36 characters and a dash at the end.
fn short(member: &str) -> &str {
    let cut = member.len().checked_sub(37).filter(|cut| member.is_char_boundary(*cut));
    match cut.map(|cut| member.split_at(cut)) {
        Some((name, uuid)) if uuid.starts_with('-') && uuid.chars().filter(|c| *c == '-').count() == 5 => name,
        _ => member,
    }
}
