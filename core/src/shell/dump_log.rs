//! `kafka-dump-log.sh` (`DumpLogSegments`): reads a broker's files as they are when it is started.
//!
//! Simplified: the checksum of a compressed batch is that of its plain bytes; an index has an entry after each 4 KiB,
//! whatever `index.interval.bytes` says, also on followers.

use crate::beside::{Beside, beside};
use std::rc::Rc;

use super::decoders::{Decoded, Decoder};
use super::options::Options;
use super::script::{Flow, Script};
use super::thrown::Thrown;
use crate::log::{EndTransactionMarker, Log, Record, RecordBatch, Segment};

pub(super) const USAGE: Beside = beside!("shell/usage/kafka-dump-log.txt");
/// `index.interval.bytes`
const INDEX_INTERVAL_BYTES: u64 = 4096;
const DECODERS: [&str; 5] = [
    "offsets-decoder",
    "transaction-log-decoder",
    "cluster-metadata-decoder",
    "remote-log-metadata-decoder",
    "share-group-state-decoder",
];

pub(super) fn main(script: &mut Script<'_>) -> Flow<()> {
    let options = Options::parse(USAGE.text(), script.words())?;
    options.help_or_version(script)?;
    options.required(script, &["files"])?;
    let mut found = Findings::default();
    for path in options.value("files")?.unwrap_or_default().split(',').map(str::trim) {
        script.say(&format!("Dumping {path}"));
        let name = path.rsplit('/').next().unwrap_or(path);
        let Some(dot) = name.rfind('.') else {
            let length = name.chars().count();
            let message = format!("begin -1, end {length}, length {length}");
            return Err(Thrown::new("java.lang.StringIndexOutOfBoundsException", message).into());
        };
        match name.split_at(dot).1 {
            ".log" => dump_log(&options, script, path, name, &mut found)?,
            ".index" => dump_index(&options, script, path, name, &mut found)?,
            ".timeindex" => dump_time_index(&options, script, path, name, &mut found)?,
            ".snapshot" => dump_snapshot(script, path, name)?,
            ".txnindex" => dump_txn_index(script, path, name)?,
            _ => script.err(&format!("Ignoring unknown file {path}")),
        }
    }
    found.tell(script);
    Ok(())
}

/// What does not fit, told at the end.
#[derive(Default)]
struct Findings {
    /// By file: an index's offset and the log's.
    index: Vec<(String, Vec<(i64, i64)>)>,
    time_index: Vec<(String, Vec<(i64, i64)>)>,
    out_of_order: Vec<(String, Vec<(i64, i64)>)>,
    not_found: Vec<(i64, i64)>,
    gaps: Vec<(String, Vec<(i64, i64)>)>,
}

fn note(of: &mut Vec<(String, Vec<(i64, i64)>)>, path: &str, pair: (i64, i64)) {
    match of.iter_mut().find(|(known, _)| known == path) {
        Some((_, pairs)) => pairs.push(pair),
        None => of.push((path.to_owned(), vec![pair])),
    }
}

impl Findings {
    fn tell(&self, script: &mut Script<'_>) {
        // Newest first, as the tool's lists grow at their heads.
        for (path, pairs) in &self.index {
            script.err(&format!("Mismatches in :{path}"));
            for (index, log) in pairs.iter().rev() {
                script.err(&format!("  Index offset: {index}, log offset: {log}"));
            }
        }
        for (path, pairs) in &self.time_index {
            script.err(&format!("Found timestamp mismatch in :{path}"));
            for (index, log) in pairs {
                script.err(&format!("  Index timestamp: {index}, log timestamp: {log}"));
            }
        }
        for (path, pairs) in &self.out_of_order {
            script.err(&format!("Found out of order timestamp in :{path}"));
            for (index, before) in pairs {
                script.err(&format!("  Index timestamp: {index}, Previously indexed timestamp: {before}"));
            }
        }
        if !self.not_found.is_empty() {
            script.err("The following indexed offsets are not found in the log.");
        }
        for (index, log) in &self.not_found {
            script.err(&format!("Indexed offset: {index}, found log offset: {log}"));
        }
        for (path, pairs) in &self.gaps {
            script.err(&format!("Non-consecutive offsets in {path}"));
            for (first, second) in pairs.iter().rev() {
                script.err(&format!("  {first} is followed by {second}"));
            }
        }
    }
}

/// The offset that names a file.
fn offset_of(name: &str) -> Flow<i64> {
    let text = name.split('.').next().unwrap_or("");
    let wrong = || Thrown::new("java.lang.NumberFormatException", format!("For input string: \"{text}\""));
    text.parse().map_err(|_| wrong().into())
}

fn log_of<'a>(script: &Script<'a>, path: &str) -> Option<&'a Log> {
    let (folder, _) = path.rsplit_once('/')?;
    script.line.logs.iter().find(|(known, _)| **known == *folder).map(|(_, log)| log)
}

fn segment_of<'a>(script: &Script<'a>, path: &str, base: i64) -> Flow<(&'a Log, &'a Rc<Segment>)> {
    let log = log_of(script, path);
    let found =
        log.and_then(|log| log.segments().iter().find(|s| s.base_offset() == base).map(|segment| (log, segment)));
    found.ok_or_else(|| {
        let file = path.rfind('.').map_or(path, |dot| path.split_at(dot).0);
        Thrown::new("java.nio.file.NoSuchFileException", format!("{file}.log")).into()
    })
}

fn time(batch: &RecordBatch, at_ms: i64) -> String {
    format!("{}: {at_ms}", if batch.log_append_time { "LogAppendTime" } else { "CreateTime" })
}

fn dump_log(options: &Options, script: &mut Script<'_>, path: &str, name: &str, found: &mut Findings) -> Flow<()> {
    let base = offset_of(name)?;
    script.say(&format!("Log starting offset: {base}"));
    let (_, segment) = segment_of(script, path, base)?;
    let prints = options.has("print-data-log") || options.count(&DECODERS) > 0;
    let decoder = Decoder::of(options);
    let max_bytes = options.number::<u64>("max-bytes")?.unwrap_or(u64::MAX);
    let (mut position, mut last) = (0, -1);
    for (batch, size) in segment.sized_from(base) {
        if position + size > max_bytes {
            break;
        }
        script.say(&batch_line(batch, position, size));
        if prints || options.has("deep-iteration") {
            for record in &batch.records {
                let offset = batch.offset_of(record);
                if last >= 0 && offset != last + 1 {
                    note(&mut found.gaps, path, (last, offset));
                }
                last = offset;
                let metadata = !options.has("skip-record-metadata");
                let mut line = record_line(batch, record, metadata);
                if prints && !batch.is_control {
                    // A record that cannot be decoded ends the tool after what it has printed of it.
                    let decoded = decoder.decode(record, offset);
                    if decoded.is_err() {
                        script.say(&line);
                    }
                    line.push_str(&contents(decoded?, if metadata { " " } else { "| " }));
                }
                script.say(&line);
            }
        }
        position += size;
    }
    Ok(())
}

fn batch_line(batch: &RecordBatch, position: u64, size: u64) -> String {
    let horizon = batch.delete_horizon_ms.map_or("OptionalLong.empty".to_owned(), |at| format!("OptionalLong[{at}]"));
    let RecordBatch { base_offset, base_sequence, producer_id, producer_epoch, partition_leader_epoch, .. } = batch;
    let (last_offset, count, last_sequence) = (batch.last_offset(), batch.records.len(), batch.last_sequence());
    let (transactional, control) = (batch.is_transactional, batch.is_control);
    let (time, codec, crc) = (time(batch, batch.max_timestamp_ms), batch.compression.name(), batch.crc());
    format!(
        "baseOffset: {base_offset} lastOffset: {last_offset} count: {count} baseSequence: {base_sequence} lastSequence: \
         {last_sequence} producerId: {producer_id} producerEpoch: {producer_epoch} partitionLeaderEpoch: \
         {partition_leader_epoch} isTransactional: {transactional} isControl: {control} deleteHorizonMs: {horizon} \
         position: {position} {time} size: {size} magic: 2 compresscodec: {codec} crc: {crc} isvalid: true"
    )
}

fn record_line(batch: &RecordBatch, record: &Record, metadata: bool) -> String {
    let mut line = String::new();
    if metadata {
        let length = |field: &Option<Rc<[u8]>>| field.as_ref().map_or(-1, |bytes| bytes.len() as i64);
        let sequence = if batch.base_sequence < 0 { -1 } else { batch.base_sequence.wrapping_add(record.offset_delta) };
        let headers: Vec<&str> = record.headers.iter().map(|(name, _)| &**name).collect();
        line.push_str(&format!(
            "| offset: {} {} keySize: {} valueSize: {} sequence: {sequence} headerKeys: [{}]",
            batch.offset_of(record),
            time(batch, batch.timestamp_of(record)),
            length(&record.key),
            length(&record.value),
            headers.join(",")
        ));
        if let Some(marker) = EndTransactionMarker::of_batch(batch) {
            let (name, epoch) = (marker.name(), marker.coordinator_epoch);
            line.push_str(&format!(" endTxnMarker: {name} coordinatorEpoch: {epoch}"));
        }
    }
    line
}

fn contents((key, payload): Decoded, prefix: &str) -> String {
    let key = key.map(|key| format!("{prefix}key: {key}"));
    let payload = payload.map(|payload| format!(" payload: {payload}"));
    key.into_iter().chain(payload).collect()
}

/// An entry of both indexes: last offset of its batch, where that begins, and the greatest timestamp up to there
/// with the last offset of the batch that has it.
#[derive(Clone, Copy)]
struct IndexEntry {
    offset: i64,
    position: u64,
    timestamp_ms: i64,
    timestamp_offset: i64,
}

/// What was written while the segment grew (`LogSegment.append`), and the greatest timestamp at its end.
fn index_entries(segment: &Segment) -> (Vec<IndexEntry>, (i64, i64)) {
    let (mut entries, mut position, mut since) = (Vec::new(), 0, 0);
    let mut newest = (-1, -1);
    for (batch, size) in segment.sized_from(segment.base_offset()) {
        if batch.max_timestamp_ms > newest.0 {
            newest = (batch.max_timestamp_ms, batch.last_offset());
        }
        if since > INDEX_INTERVAL_BYTES {
            let offset = batch.last_offset();
            entries.push(IndexEntry { offset, position, timestamp_ms: newest.0, timestamp_offset: newest.1 });
            since = 0;
        }
        since += size;
        position += size;
    }
    (entries, newest)
}

fn is_active(log: &Log, segment: &Segment) -> bool {
    log.active().base_offset() == segment.base_offset()
}

fn dump_index(options: &Options, script: &mut Script<'_>, path: &str, name: &str, found: &mut Findings) -> Flow<()> {
    let base = offset_of(name)?;
    let (log, segment) = segment_of(script, path, base)?;
    let mut entries = index_entries(segment).0;
    if entries.is_empty() && !is_active(log, segment) {
        script.say(&format!("{path} is empty."));
        return Ok(());
    }
    if options.has("index-sanity-check") {
        script.say(&format!("{path} passed sanity check."));
        return Ok(());
    }
    if entries.is_empty() {
        // The file of the active segment has its full length, and zeros in it.
        entries.push(IndexEntry { offset: base, position: 0, timestamp_ms: 0, timestamp_offset: base });
    }
    for entry in entries {
        let Some(batch) = batch_at(segment, entry.position) else {
            return Err(Thrown::new("java.util.NoSuchElementException", "null").into());
        };
        if batch.last_offset() != entry.offset {
            note(&mut found.index, path, (entry.offset, batch.last_offset()));
        }
        if !options.has("verify-index-only") {
            script.say(&format!("offset: {} position: {}", entry.offset, entry.position));
        }
    }
    Ok(())
}

fn batch_at(segment: &Segment, position: u64) -> Option<&Rc<RecordBatch>> {
    let mut at = 0;
    for (batch, size) in segment.sized_from(segment.base_offset()) {
        if at >= position {
            return Some(batch);
        }
        at += size;
    }
    None
}

fn dump_time_index(
    options: &Options,
    script: &mut Script<'_>,
    path: &str,
    name: &str,
    found: &mut Findings,
) -> Flow<()> {
    let base = offset_of(name)?;
    let (log, segment) = segment_of(script, path, base)?;
    if options.has("index-sanity-check") {
        script.say(&format!("{path} passed sanity check."));
        return Ok(());
    }
    let (entries, newest) = index_entries(segment);
    let mut times: Vec<(i64, i64)> = Vec::new();
    for (timestamp_ms, offset) in entries.iter().map(|entry| (entry.timestamp_ms, entry.timestamp_offset)) {
        if times.last().is_none_or(|last| last.0 < timestamp_ms) {
            times.push((timestamp_ms, offset));
        }
    }
    if is_active(log, segment) {
        if times.is_empty() {
            times.push((0, base));
        }
    } else if newest.0 >= 0 && times.last().is_none_or(|last| last.0 < newest.0) {
        // A segment that is closed notes its greatest timestamp.
        times.push(newest);
    }
    let mut before = -1;
    for (timestamp_ms, offset) in times {
        match segment.batches().find(|batch| batch.last_offset() >= offset) {
            None => found.not_found.push((offset, -1)),
            Some(batch) if batch.last_offset() != offset => found.not_found.push((offset, batch.last_offset())),
            Some(batch) => {
                let greatest = batch.records.iter().map(|record| batch.timestamp_of(record)).max().unwrap_or(-1);
                if greatest != timestamp_ms {
                    note(&mut found.time_index, path, (timestamp_ms, greatest));
                }
                if before >= timestamp_ms {
                    note(&mut found.out_of_order, path, (timestamp_ms, before));
                }
            }
        }
        if !options.has("verify-index-only") {
            script.say(&format!("timestamp: {timestamp_ms} offset: {offset}"));
        }
        before = timestamp_ms;
    }
    Ok(())
}

fn dump_snapshot(script: &mut Script<'_>, path: &str, name: &str) -> Flow<()> {
    let at = offset_of(name)?;
    let Some(state) = log_of(script, path).and_then(|log| log.snapshot(at)) else {
        return Err(Thrown::new("java.nio.file.NoSuchFileException", path).into());
    };
    for (id, entry) in state.producers() {
        let open = entry.current_txn_first_offset;
        let open = open.map_or("OptionalLong.empty".to_owned(), |offset| format!("OptionalLong[{offset}]"));
        let (epoch, coordinator, last) = (entry.producer_epoch, entry.coordinator_epoch, entry.last_timestamp_ms);
        let mut line = format!(
            "producerId: {id} producerEpoch: {epoch} coordinatorEpoch: {coordinator} currentTxnFirstOffset: {open} \
             lastTimestamp: {last} "
        );
        // A snapshot has the last batch of each producer only.
        if let Some(batch) = entry.batches.back() {
            let (first, last, offset) = (batch.first_sequence(), batch.last_sequence, batch.last_offset);
            let (delta, at) = (batch.offset_delta, batch.timestamp_ms);
            line.push_str(&format!(
                "firstSequence: {first} lastSequence: {last} lastOffset: {offset} offsetDelta: {delta} timestamp: {at}"
            ));
        }
        script.say(&line);
    }
    Ok(())
}

fn dump_txn_index(script: &mut Script<'_>, path: &str, name: &str) -> Flow<()> {
    let base = offset_of(name)?;
    let Ok((log, segment)) = segment_of(script, path, base) else { return Ok(()) };
    let segments = log.segments().iter().map(|segment| segment.base_offset());
    let end = segments.filter(|next| *next > segment.base_offset()).min().unwrap_or(i64::MAX);
    let in_segment = |offset: i64| (base..end).contains(&offset);
    for aborted in log.transaction_index().entries().iter().filter(|aborted| in_segment(aborted.last_offset)) {
        let (id, first, last) = (aborted.producer_id, aborted.first_offset, aborted.last_offset);
        let stable = aborted.last_stable_offset;
        script.say(&format!(
            "version: 0 producerId: {id} firstOffset: {first} lastOffset: {last} lastStableOffset: {stable}"
        ));
    }
    Ok(())
}
