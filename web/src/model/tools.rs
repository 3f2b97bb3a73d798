//! Questions of the command line that change nothing: what `kafka-topics.sh --describe` and
//! `kafka-consumer-groups.sh --describe` print, from the view, with their columns in their order.

use playground_core::ids::BrokerId;
use playground_core::view::ClusterView;

/// The answer, if the line is such a question.
pub fn answer(line: &str, view: &ClusterView) -> Option<Result<String, String>> {
    let words: Vec<&str> = line.split_whitespace().collect();
    let has = |word: &str| words.contains(&word);
    match *words.first()? {
        "help" => Some(Ok(HELP.trim_end().to_owned())),
        "kafka-topics.sh" | "kafka-topics" if has("--list") => {
            Some(Ok(view.topics.iter().map(|topic| topic.name.to_string()).collect::<Vec<_>>().join("\n")))
        }
        "kafka-topics.sh" | "kafka-topics" if has("--describe") => {
            Some(describe_topics(option(&words, "--topic"), has("--under-replicated-partitions"), view))
        }
        "kafka-consumer-groups.sh" | "kafka-consumer-groups" if has("--list") => {
            Some(Ok(view.groups.iter().map(|group| group.id.to_string()).collect::<Vec<_>>().join("\n")))
        }
        "kafka-consumer-groups.sh" | "kafka-consumer-groups" if has("--describe") => {
            Some(describe_groups(option(&words, "--group"), view))
        }
        _ => None,
    }
}

fn option<'a>(words: &[&'a str], name: &str) -> Option<&'a str> {
    let at = words.iter().position(|word| *word == name)?;
    words.get(at + 1).copied()
}

fn ids(list: &[BrokerId]) -> String {
    list.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
}

fn describe_topics(wanted: Option<&str>, under_replicated: bool, view: &ClusterView) -> Result<String, String> {
    if let Some(wanted) = wanted
        && !view.topics.iter().any(|topic| &*topic.name == wanted)
    {
        return Err(format!("Error while executing topic command : Topic '{wanted}' does not exist as expected"));
    }
    let mut lines = Vec::new();
    for topic in view.topics.iter().filter(|topic| wanted.is_none_or(|wanted| &*topic.name == wanted)) {
        let factor = topic.partitions.iter().map(|partition| partition.assigned.len()).max().unwrap_or(0);
        let configs: Vec<String> = topic.configs.iter().map(|(name, value)| format!("{name}={value}")).collect();
        if !under_replicated {
            lines.push(format!(
                "Topic: {}\tPartitionCount: {}\tReplicationFactor: {factor}\tConfigs: {}",
                topic.name,
                topic.partitions.len(),
                configs.join(",")
            ));
        }
        for partition in &topic.partitions {
            if under_replicated && partition.isr.len() >= partition.assigned.len() {
                continue;
            }
            lines.push(format!(
                "\tTopic: {}\tPartition: {}\tLeader: {}\tReplicas: {}\tIsr: {}",
                topic.name,
                partition.tp.partition,
                partition.leader.map_or_else(|| "none".to_owned(), |leader| leader.to_string()),
                ids(&partition.assigned),
                ids(&partition.isr)
            ));
        }
    }
    Ok(lines.join("\n"))
}

fn describe_groups(wanted: Option<&str>, view: &ClusterView) -> Result<String, String> {
    if let Some(wanted) = wanted
        && !view.groups.iter().any(|group| &*group.id == wanted)
    {
        return Err(format!("Error: Consumer group '{wanted}' does not exist."));
    }
    let head = ["GROUP", "TOPIC", "PARTITION", "CURRENT-OFFSET", "LOG-END-OFFSET", "LAG", "CONSUMER-ID", "CLIENT-ID"];
    let mut rows: Vec<Vec<String>> = vec![head.iter().map(ToString::to_string).collect()];
    for group in view.groups.iter().filter(|group| wanted.is_none_or(|wanted| &*group.id == wanted)) {
        for (tp, offset, lag) in &group.committed {
            let owner = group.members.iter().find(|(_, _, share, _)| share.contains(tp));
            let cell = |text: Option<String>| text.unwrap_or_else(|| "-".to_owned());
            rows.push(vec![
                group.id.to_string(),
                tp.topic.to_string(),
                tp.partition.to_string(),
                offset.to_string(),
                (offset + lag).to_string(),
                lag.to_string(),
                cell(owner.map(|(id, ..)| id.to_string())),
                cell(owner.map(|(_, client, ..)| client.to_string())),
            ]);
        }
    }
    Ok(table(&rows))
}

fn table(rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let widths: Vec<usize> =
        (0..columns).map(|at| rows.iter().filter_map(|row| row.get(at)).map(String::len).max().unwrap_or(0)).collect();
    let line = |row: &Vec<String>| {
        let cells: Vec<String> = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}")).collect();
        cells.join("  ").trim_end().to_owned()
    };
    rows.iter().map(line).collect::<Vec<_>>().join("\n")
}

const HELP: &str = "\
kafka-topics.sh --create --topic T --partitions P --replication-factor R [--config K=V]
kafka-topics.sh --describe [--topic T]      kafka-topics.sh --list
kafka-topics.sh --alter --topic T --partitions N      kafka-topics.sh --delete --topic T
kafka-configs.sh --alter --entity-type topics --entity-name T --add-config K=V
kafka-leader-election.sh --election-type preferred|unclean --topic T --partition P
kafka-consumer-groups.sh --describe [--group G]
kafka-delete-records.sh --topic T --partition P --offset O      (-1: all that is replicated)
producer P [--topic T] [--config K=V]      send P [--key K] [--partition N] [--count N] VALUE
consumer C --topic T [--group G] [--config K=V]      commit C      seek C T-0 OFFSET
kill N   power-off N   stop N   start N   pause N   resume N      (N: 102, zk1, a client, controller, leader(t-0))
disk-full N [DIR]   disk-fail N [DIR]   disk-repair N [DIR]      (N: a broker; DIR: one of its log.dirs)
cut A B [one-way]   isolate N   delay A B 120ms   drop-connection A B   heal [NUMBER]
wait 5s      clear
";
