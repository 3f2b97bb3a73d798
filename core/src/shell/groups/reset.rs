//! `kafka-consumer-groups.sh --reset-offsets`: which partitions, where to, and whether it is carried out.

use super::{SCENARIOS, committed, described, group_ids, log_offsets, plan, print_error, unchecked, with_partitions};
use crate::admin::{AdminAnswer, AdminOp, OffsetSpec};
use crate::ids::{Name, TopicPartition};
use crate::shell::hash_map::{self, JavaHash};
use crate::shell::moment;
use crate::shell::options::Options;
use crate::shell::script::{Flow, Script, Stop};
use crate::shell::thrown::Thrown;

type Offsets = Vec<(TopicPartition, i64)>;

pub(super) fn reset(options: &Options, script: &mut Script<'_>) -> Flow<()> {
    let mut results: Vec<(Name, Offsets)> = Vec::new();
    for id in group_ids(options, script)? {
        let answer = described(script, std::slice::from_ref(&id));
        let Some((group, _)) = unchecked(answer)?.pop() else { continue };
        if !matches!(&*group.state, "Empty" | "Dead") {
            let state = &group.state;
            let message = format!(
                "Assignments can only be reset if the group '{id}' is inactive, but the current state is {state}."
            );
            print_error(script, &message);
            results.push((id, Vec::new()));
            continue;
        }
        let partitions = partitions(options, script, &id);
        let offsets = prepare(options, script, &id, &checked(partitions)?)?;
        if !options.has("dry-run") && options.has("execute") {
            let done = script.get(AdminOp::AlterGroupOffsets { group: id.clone(), offsets: offsets.clone() });
            unchecked(done)?;
        }
        results.push((id, offsets));
    }
    hash_map::order_by(&mut results, 16, |(group, _)| group.hash_code());
    if options.has("export") {
        let single = options.values("group").len() == 1;
        let mut text = String::new();
        for (group, offsets) in &results {
            for (tp, offset) in offsets {
                let group = if single { String::new() } else { format!("{},", plan::quoted(group)) };
                text.push_str(&format!("{group}{},{},{offset}\n", plan::quoted(&tp.topic), tp.partition));
            }
        }
        script.say(&text);
        return Ok(());
    }
    let mut line = |[group, topic, partition, offset]: [&str; 4]| {
        script.print(&format!("{group:<30} {topic:<30} {partition:<10} {offset:<15}"));
    };
    if !results.is_empty() {
        line(["\nGROUP", "TOPIC", "PARTITION", "NEW-OFFSET"]);
    }
    for (group, offsets) in &results {
        for (tp, offset) in offsets {
            line([group, &tp.topic, &tp.partition.to_string(), &offset.to_string()]);
        }
    }
    Ok(())
}

/// What `ExecutionException`s of the partitions' look-up become; others are unchecked already.
fn checked<T>(outcome: Flow<T>) -> Flow<T> {
    match outcome {
        Err(Stop::Thrown(thrown)) if thrown.class.ends_with(".ExecutionException") => {
            unchecked(Err(Stop::Thrown(thrown)))
        }
        other => other,
    }
}

/// `getPartitionsToReset`
fn partitions(options: &Options, script: &mut Script<'_>, group: &Name) -> Flow<Vec<TopicPartition>> {
    if options.has("all-topics") {
        return Ok(committed(script, group)?.into_iter().map(|(tp, _)| tp).collect());
    }
    if !options.has("topic") {
        if !options.has("from-file") {
            return options.refuse(script, "One of the reset scopes should be defined: --all-topics, --topic.");
        }
        return Ok(Vec::new());
    }
    let args = options.values("topic");
    let mut partitions = Vec::new();
    for arg in args.iter().filter(|arg| arg.contains(':')) {
        partitions.extend(with_partitions(arg)?);
    }
    let mut topics: Vec<Name> = args.iter().filter(|arg| !arg.contains(':')).map(|arg| arg.as_str().into()).collect();
    hash_map::order(&mut topics);
    let answers =
        script.get_all(topics.iter().map(|topic| AdminOp::DescribeTopic { topic: topic.clone() }).collect())?;
    for answer in answers {
        let AdminAnswer::Topic(topic) = answer else { continue };
        let ids = topic.partitions.iter().map(|partition| partition.partition);
        partitions.extend(ids.map(|id| TopicPartition::new(topic.topic.clone(), id)));
    }
    Ok(partitions)
}

/// `prepareOffsetsToReset`
fn prepare(options: &Options, script: &mut Script<'_>, group: &Name, partitions: &[TopicPartition]) -> Flow<Offsets> {
    let Some(scenario) = SCENARIOS.into_iter().find(|scenario| options.has(scenario)) else {
        let all: Vec<String> = hash_map::options(&SCENARIOS).iter().map(|name| format!("[{name}]")).collect();
        let message = format!("Option '[reset-offsets]' requires one of the following scenarios: [{}]", all.join(", "));
        return options.refuse(script, &message);
    };
    match scenario {
        "to-offset" => {
            let offset = options.number::<i64>("to-offset")?.unwrap_or(0);
            within_log(script, partitions.iter().map(|tp| (tp.clone(), offset)).collect())
        }
        "to-earliest" => log_offsets(script, partitions, OffsetSpec::Earliest),
        "to-latest" => log_offsets(script, partitions, OffsetSpec::Latest),
        "shift-by" => {
            let positions = committed(script, group)?;
            let by = options.number::<i64>("shift-by")?.unwrap_or(0);
            let mut wanted = Vec::new();
            for tp in partitions {
                let Some((_, offset)) = positions.iter().find(|(known, _)| known == tp) else {
                    let message =
                        format!("Cannot shift offset for partition {tp} since there is no current committed offset");
                    return Err(Thrown::argument(message).into());
                };
                wanted.push((tp.clone(), offset.saturating_add(by)));
            }
            within_log(script, wanted)
        }
        "to-datetime" => {
            let text = options.value("to-datetime")?.unwrap_or_default();
            let at = unchecked(moment::date_time(&text).map_err(Stop::from))?;
            at_time(script, partitions, at)
        }
        "by-duration" => {
            let ago = moment::duration_ms(&options.value("by-duration")?.unwrap_or_default())?;
            let now = script.clock_ms()?;
            at_time(script, partitions, now.saturating_sub(ago))
        }
        "from-file" => from_file(options, script, group),
        _ => {
            let positions = committed(script, group)?;
            let (mut offsets, mut open) = (Vec::new(), Vec::new());
            for tp in partitions {
                match positions.iter().find(|(known, _)| known == tp) {
                    Some(position) => offsets.push(position.clone()),
                    None => open.push(tp.clone()),
                }
            }
            offsets.extend(log_offsets(script, &open, OffsetSpec::Latest)?);
            hash_map::order_by(&mut offsets, 16, |(tp, _)| tp.hash_code());
            Ok(offsets)
        }
    }
}

/// `checkOffsetsRange`
fn within_log(script: &mut Script<'_>, mut wanted: Offsets) -> Flow<Offsets> {
    hash_map::order_by(&mut wanted, 16, |(tp, _)| tp.hash_code());
    let partitions: Vec<TopicPartition> = wanted.iter().map(|(tp, _)| tp.clone()).collect();
    let starts = log_offsets(script, &partitions, OffsetSpec::Earliest)?;
    let ends = log_offsets(script, &partitions, OffsetSpec::Latest)?;
    let of = |offsets: &Offsets, tp: &TopicPartition| {
        offsets.iter().find(|(known, _)| known == tp).map(|(_, offset)| *offset)
    };
    for (tp, offset) in &mut wanted {
        match (of(&starts, tp), of(&ends, tp)) {
            (_, Some(end)) if *offset > end => *offset = end,
            (Some(start), _) if *offset < start => *offset = start,
            _ => {}
        }
    }
    Ok(wanted)
}

/// `getLogTimestampOffsets`
fn at_time(script: &mut Script<'_>, partitions: &[TopicPartition], timestamp_ms: i64) -> Flow<Offsets> {
    let found = log_offsets(script, partitions, OffsetSpec::ForTimestamp(timestamp_ms))?;
    let (mut offsets, none): (Offsets, Offsets) = found.into_iter().partition(|(_, offset)| *offset >= 0);
    for (tp, _) in &none {
        let (partition, topic) = (tp.partition, &tp.topic);
        script.say(&format!(
            "\nWarn: Partition {partition} from topic {topic} is empty. Falling back to latest known offset."
        ));
    }
    let open: Vec<TopicPartition> = none.into_iter().map(|(tp, _)| tp).collect();
    offsets.extend(log_offsets(script, &open, OffsetSpec::Latest)?);
    hash_map::order_by(&mut offsets, 16, |(tp, _)| tp.hash_code());
    Ok(offsets)
}

fn from_file(options: &Options, script: &mut Script<'_>, group: &Name) -> Flow<Offsets> {
    let path = options.value("from-file")?.unwrap_or_default();
    let read = script.file(&path);
    let text = unchecked(read)?;
    let groups = options.values("group");
    let single = groups.first().filter(|_| groups.len() == 1);
    let plan = plan::parse(&text, single.map(String::as_str));
    let complain = |script: &mut Script<'_>| plan.complaint.iter().for_each(|line| script.err(line));
    complain(script);
    let rows = plan.rows?;
    // The plan is read twice, so what is said of it is said twice.
    complain(script);
    let of_group: Offsets =
        rows.into_iter().filter(|(of, ..)| of == group).map(|(_, tp, offset)| (tp, offset)).collect();
    if of_group.is_empty() {
        print_error(script, &format!("No reset plan for group {group} found"));
        return Ok(Vec::new());
    }
    within_log(script, of_group)
}
