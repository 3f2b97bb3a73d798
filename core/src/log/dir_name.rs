//! The folder of a partition's log within a log directory (`UnifiedLog.logDirName`,
//! `parseTopicPartitionName`).

use crate::ids::TopicPartition;

/// Endings of folders that are on their way out or not in use yet.
const SUFFIXES: [&str; 3] = ["-delete", "-future", "-stray"];

/// `topic-partition`.
pub fn log_dir_name(tp: &TopicPartition) -> String {
    tp.to_string()
}

/// Whose log lies in a folder of this name; `dir` is its path, for the message.
///
/// # Errors
/// The name is that of no log, in Kafka's words.
pub fn parse_log_dir_name(dir: &str) -> Result<TopicPartition, String> {
    let folder = dir.rsplit('/').next().unwrap_or(dir);
    parse(folder).ok_or_else(|| {
        format!(
            "Found directory {dir}, '{folder}' is not in the form of topic-partition or topic-partition.uniqueId-delete \
             (if marked for deletion).\nKafka's log directories (and children) should only contain Kafka topic data."
        )
    })
}

fn parse(folder: &str) -> Option<TopicPartition> {
    let marked = SUFFIXES.iter().any(|suffix| folder.ends_with(suffix));
    let name = if marked {
        let (name, unique) = folder.rsplit_once('.')?;
        unique.split_once('-').filter(|(id, _)| !id.is_empty())?;
        name
    } else {
        folder
    };
    let (topic, partition) = name.rsplit_once('-')?;
    if topic.is_empty() {
        return None;
    }
    Some(TopicPartition::new(topic, partition.parse().ok()?))
}
