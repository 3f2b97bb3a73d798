//! `kafka-consumer-groups.sh --describe`: offsets and lag, members, state.

use super::{committed, described, group_ids, log_offsets, print_error};
use crate::admin::OffsetSpec;
use crate::collections::Order;
use crate::ids::{Name, TopicPartition};
use crate::protocol::group::{DescribedGroup, DescribedMember};
use crate::shell::hash_map;
use crate::shell::options::Options;
use crate::shell::script::{Flow, Script};

pub(super) fn describe(options: &Options, script: &mut Script<'_>) -> Flow<()> {
    let ids = group_ids(options, script)?;
    let mut groups = described(script, &ids)?;
    if options.has("members") {
        groups.order_by(|a, b| a.0.group_id.cmp(&b.0.group_id));
        for (group, _) in &groups {
            members(script, group, options.has("verbose"));
        }
        return Ok(());
    }
    if options.has("state") {
        groups.order_by(|a, b| a.0.group_id.cmp(&b.0.group_id));
        for (group, coordinator) in &groups {
            state(script, group, &format!("broker-{coordinator}:9092  ({coordinator})"));
        }
        return Ok(());
    }
    // All is collected before anything is printed.
    let mut tables = Vec::new();
    for (group, _) in groups {
        let rows = offsets(script, &group)?;
        tables.push((group, rows));
    }
    tables.order_by(|a, b| a.0.group_id.cmp(&b.0.group_id));
    for (group, rows) in &tables {
        print_offsets(script, group, rows);
    }
    Ok(())
}

/// `shouldPrintMemberState`
fn is_shown(script: &mut Script<'_>, group: &DescribedGroup, rows: usize) -> bool {
    let id = &group.group_id;
    match &*group.state {
        "Dead" => print_error(script, &format!("Consumer group '{id}' does not exist.")),
        "Empty" => script.err(&format!("\nConsumer group '{id}' has no active members.")),
        "Stable" => {}
        _ => script.err(&format!("\nWarning: Consumer group '{id}' is rebalancing.")),
    }
    &*group.state != "Dead" && rows > 0
}

/// One line of the table of offsets; what is not known is a dash.
struct Row {
    tp: TopicPartition,
    current: Option<i64>,
    end: Option<i64>,
    consumer: [Name; 3],
}

/// `collectGroupsOffsets`
fn offsets(script: &mut Script<'_>, group: &DescribedGroup) -> Flow<Vec<Row>> {
    let positions = committed(script, &group.group_id)?;
    let current = |tp: &TopicPartition| positions.iter().find(|(known, _)| known == tp).map(|(_, offset)| *offset);
    let mut shares: Vec<(Vec<TopicPartition>, [Name; 3])> = Vec::new();
    let mut busy: Vec<&DescribedMember> =
        group.members.iter().filter(|m| !m.assignment.partitions.is_empty()).collect();
    busy.order_by(|a, b| b.assignment.partitions.len().cmp(&a.assignment.partitions.len()));
    for member in busy {
        let consumer = [member.member_id.clone(), member.client_host.clone(), member.client_id.clone()];
        shares.push((member.assignment.partitions.clone(), consumer));
    }
    let is_assigned = |tp: &TopicPartition| shares.iter().any(|(share, _)| share.contains(tp));
    let rest: Vec<TopicPartition> = positions.iter().map(|(tp, _)| tp.clone()).filter(|tp| !is_assigned(tp)).collect();
    if !rest.is_empty() {
        shares.push((rest, ["-".into(), "-".into(), "-".into()]));
    }
    let mut rows = Vec::new();
    for (mut share, consumer) in shares {
        hash_map::order(&mut share);
        share.order_by_key(|tp| tp.partition);
        for (tp, end) in log_offsets(script, &share, OffsetSpec::Latest)? {
            rows.push(Row { current: current(&tp), end: Some(end), tp, consumer: consumer.clone() });
        }
    }
    Ok(rows)
}

fn width<'a>(least: usize, texts: impl Iterator<Item = &'a str>) -> usize {
    texts.map(|text| text.chars().count()).max().unwrap_or(0).max(least)
}

fn print_offsets(script: &mut Script<'_>, group: &DescribedGroup, rows: &[Row]) {
    if !is_shown(script, group, rows.len()) {
        return;
    }
    let group = &*group.group_id;
    let (groups, topics) = (width(15, std::iter::once(group)), width(15, rows.iter().map(|row| &*row.tp.topic)));
    let [ids, hosts] =
        [0, 1].map(|at| width(15, rows.iter().filter_map(|row| row.consumer.get(at)).map(|name| &**name)));
    let mut line = |group: &str, topic: &str, numbers: [String; 4], [id, host, client]: [&str; 3]| {
        let [partition, current, end, lag] = numbers;
        script.print(&format!(
            "\n{group:<groups$} {topic:<topics$} {partition:<10} {current:<15} {end:<15} {lag:<15} {id:<ids$} \
             {host:<hosts$} {client}"
        ));
    };
    let heads = ["PARTITION", "CURRENT-OFFSET", "LOG-END-OFFSET", "LAG"].map(str::to_owned);
    line("GROUP", "TOPIC", heads, ["CONSUMER-ID", "HOST", "CLIENT-ID"]);
    for row in rows {
        let shown = |number: Option<i64>| number.map_or_else(|| "-".to_owned(), |number| number.to_string());
        let lag = row.current.filter(|offset| *offset != -1).zip(row.end).map(|(current, end)| end - current);
        let numbers = [row.tp.partition.to_string(), shown(row.current), shown(row.end), shown(lag)];
        let [id, host, client] = &row.consumer;
        line(group, &row.tp.topic, numbers, [id, host, client]);
    }
    script.print("\n");
}

fn members(script: &mut Script<'_>, group: &DescribedGroup, verbose: bool) {
    let all = &group.members;
    let shown = is_shown(script, group, all.len());
    let texts = |text: fn(&DescribedMember) -> &str, least: usize| {
        if shown { width(least, all.iter().map(text)) } else { least }
    };
    let groups = if shown { width(15, std::iter::once(&*group.group_id)) } else { 15 };
    let instance: fn(&DescribedMember) -> &str = |member| member.group_instance_id.as_deref().unwrap_or("");
    let (ids, instances) = (texts(|member| &member.member_id, 15), texts(instance, 17));
    let (hosts, clients) = (texts(|member| &member.client_host, 15), texts(|member| &member.client_id, 15));
    let with_instances = shown && all.iter().any(|member| !instance(member).is_empty());
    let line = |group: &str, id: &str, instance: &str, host: &str, client: &str, count: &str| {
        let instance = if with_instances { format!(" {instance:<instances$}") } else { String::new() };
        format!("{group:<groups$} {id:<ids$}{instance} {host:<hosts$} {client:<clients$} {count:<15} ")
    };
    let head = line("GROUP", "CONSUMER-ID", "GROUP-INSTANCE-ID", "HOST", "CLIENT-ID", "#PARTITIONS");
    script.say(&format!("\n{head}{}", if verbose { "ASSIGNMENT" } else { "" }));
    for member in all {
        let share = &member.assignment.partitions;
        let count = share.len().to_string();
        let start =
            line(&group.group_id, &member.member_id, instance(member), &member.client_host, &member.client_id, &count);
        script.say(&format!("{start}{}", if verbose { by_topic(share) } else { String::new() }));
    }
}

/// `(0,1), (0)`: the partitions of each topic, the topics unnamed.
fn by_topic(share: &[TopicPartition]) -> String {
    if share.is_empty() {
        return "-".to_owned();
    }
    let mut topics: Vec<Name> = share.iter().map(|tp| tp.topic.clone()).collect();
    topics.order();
    topics.dedup();
    let mut lists: Vec<String> = Vec::new();
    for topic in &topics {
        // As texts, as the tool sorts them: 10 before 2.
        let mut ids: Vec<String> =
            share.iter().filter(|tp| &tp.topic == topic).map(|tp| tp.partition.to_string()).collect();
        ids.order();
        lists.push(format!("({})", ids.join(",")));
    }
    lists.order();
    lists.join(", ")
}

fn state(script: &mut Script<'_>, group: &DescribedGroup, coordinator: &str) {
    if !is_shown(script, group, 1) {
        return;
    }
    let width = width(25, std::iter::once(coordinator));
    let mut line = |group: &str, coordinator: &str, strategy: &str, state: &str, members: &str| {
        script.print(&format!("\n{group:<width$} {coordinator:<25} {strategy:<20} {state:<15} {members}"));
    };
    line("GROUP", "COORDINATOR (ID)", "ASSIGNMENT-STRATEGY", "STATE", "#MEMBERS");
    let count = group.members.len().to_string();
    line(&group.group_id, coordinator, &group.protocol, &group.state, &count);
    script.say("");
}
