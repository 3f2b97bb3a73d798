//! Which lines of the tools only look, and which options a tool has: for a command line that helps.

use crate::ids::Name;

/// True if the line changes nothing in the cluster: it may be run in a copy of it.
///
/// Simplified: `--verify` of a reassignment counts as a look, though Kafka's clears throttles, which have no effect
/// here.
pub fn is_look(words: &[Name]) -> bool {
    let Some((tool, rest)) = words.split_first() else { return false };
    // One hyphen will do: an option that is one letter's and none is what is meant by it (jopt-simple).
    let has = |option: &str| rest.iter().any(|word| word.starts_with('-') && word.trim_start_matches('-') == option);
    if super::main_of(tool).is_none() {
        return false;
    }
    if has("help") || has("version") || rest.is_empty() {
        return true;
    }
    let changes = |options: &[&str]| options.iter().any(|option| has(option));
    // The word that is no option and no option's value.
    let verb = |verbs: &[&str]| rest.iter().any(|word| verbs.contains(&&**word));
    match &**tool {
        "kafka-topics.sh" => (has("list") || has("describe")) && !changes(&["create", "alter", "delete"]),
        "kafka-configs.sh" => has("describe") && !has("alter"),
        "kafka-consumer-groups.sh" => {
            let looks = has("list") || has("describe") || (has("reset-offsets") && !has("execute"));
            looks && !changes(&["delete", "delete-offsets"])
        }
        "kafka-get-offsets.sh" | "kafka-log-dirs.sh" | "kafka-dump-log.sh" => true,
        "kafka-transactions.sh" => {
            verb(&["list", "describe", "describe-producers", "find-hanging"]) && !verb(&["abort"])
        }
        "kafka-reassign-partitions.sh" => {
            (has("list") || has("generate") || has("verify")) && !changes(&["execute", "cancel"])
        }
        // A member of a group commits, and without an end it is watched as time passes.
        "kafka-console-consumer.sh" => {
            let ends = changes(&["max-messages", "timeout-ms"]);
            ends && !has("group") && !rest.iter().any(|word| word.starts_with("group.id="))
        }
        "zookeeper-shell.sh" => rest.get(1).is_none_or(|command| {
            ["ls", "get", "stat", "getAcl", "getAllChildrenNumber", "getEphemerals", "sync", "version", "history"]
                .contains(&&**command)
        }),
        _ => false,
    }
}

/// The options of a tool as they are typed, from its help; of `zookeeper-shell.sh` its commands.
pub fn options_of(tool: &str) -> Vec<&'static str> {
    let mut options = Vec::new();
    for usage in super::usages_of(tool) {
        let words = usage.lines().filter_map(|line| line.trim_start().split([' ', '\t']).next());
        let is_wanted = |word: &&str| word.starts_with("--") && word.len() > 2 && !word.starts_with("---");
        options.extend(words.filter(is_wanted));
        if tool == "zookeeper-shell.sh" {
            options.extend(usage.lines().filter_map(|line| line.strip_prefix('\t')?.split(' ').next()));
        }
    }
    options
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_look_changes_nothing() {
        for (line, expected) in [
            ("kafka-topics.sh --bootstrap-server b:1 --list", true),
            ("kafka-topics.sh --describe --topic t", true),
            ("kafka-topics.sh --create --topic t", false),
            ("kafka-topics.sh --create --describe", false),
            ("kafka-topics.sh --help", true),
            ("kafka-topics.sh", true),
            ("kafka-consumer-groups.sh --reset-offsets --group g --topic t --to-latest --dry-run", true),
            ("kafka-consumer-groups.sh --reset-offsets --group g --topic t --to-latest --execute", false),
            ("kafka-configs.sh --describe --topic t", true),
            ("kafka-configs.sh --alter --topic t --add-config a=b", false),
            ("kafka-transactions.sh --bootstrap-server b:1 find-hanging --topic t", true),
            ("kafka-transactions.sh --bootstrap-server b:1 abort --topic describe", false),
            ("kafka-console-consumer.sh --topic t --from-beginning --max-messages 3", true),
            ("kafka-console-consumer.sh --topic t --max-messages 3 --group g", false),
            ("kafka-console-consumer.sh --topic t --from-beginning", false),
            ("zookeeper-shell.sh zookeeper-1:2181 ls /", true),
            ("zookeeper-shell.sh zookeeper-1:2181 set /a b", false),
            ("kafka-leader-election.sh --election-type preferred --all-topic-partitions", false),
            ("kill 102", false),
        ] {
            let words: Vec<Name> = line.split(' ').map(Name::from).collect();
            assert_eq!(is_look(&words), expected, "{line}");
        }
    }

    #[test]
    fn every_tool_can_be_typed() {
        let programs: Vec<&str> = crate::shell::Shell::tools().collect();
        let typed: Vec<&str> = crate::command::Command::verbs().filter(|verb| verb.ends_with(".sh")).collect();
        assert_eq!(programs, typed);
    }

    #[test]
    fn every_tool_tells_its_options() {
        for tool in crate::shell::Shell::tools() {
            let options = options_of(tool);
            assert!(!options.is_empty(), "{tool}");
            let wanted = if tool == "zookeeper-shell.sh" { "ls" } else { "--help" };
            assert!(options.contains(&wanted) || tool == "kafka-transactions.sh", "{tool}: {options:?}");
        }
        assert!(options_of("kafka-transactions.sh").contains(&"--transactional-id"));
        assert_eq!(options_of("kill"), [""; 0]);
    }
}
