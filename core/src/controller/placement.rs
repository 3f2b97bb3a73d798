//! Where new replicas go in ZooKeeper mode (`AdminUtils`): round-robin from a random broker, the
//! followers shifted so that a broker's partitions spread their followers; across racks if brokers
//! say in which rack they stand.

use crate::collections::{BTreeMap, BTreeSet};

use crate::ids::{BrokerId, Name};
use crate::protocol::ErrorCode;

/// A broker that may be given replicas.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PlaceableBroker {
    /// `broker.id`.
    pub id: BrokerId,
    /// `broker.rack`.
    pub rack: Option<Name>,
}

/// A refusal: error and message.
pub type Refusal = (ErrorCode, String);

/// Where the round-robin begins.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PlacementStart {
    /// Index of the broker that gets the first replica of partition 0.
    pub start_index: u64,
    /// By how much followers are shifted at first.
    pub replica_shift: u64,
    /// The number of the first partition to place.
    pub first_partition: i32,
}

/// How many partitions and replicas can be placed.
///
/// # Errors
/// Fewer than one of either, or more replicas than brokers.
pub fn check_counts(brokers: usize, partitions: i32, replication_factor: i32) -> Result<(), Refusal> {
    if partitions <= 0 {
        return Err((ErrorCode::InvalidPartitions, "Number of partitions must be larger than 0.".into()));
    }
    if replication_factor <= 0 {
        return Err((ErrorCode::InvalidReplicationFactor, "Replication factor must be larger than 0.".into()));
    }
    if usize::try_from(replication_factor).map_or(true, |factor| factor > brokers) {
        let message = format!("Replication factor: {replication_factor} larger than available brokers: {brokers}.");
        return Err((ErrorCode::InvalidReplicationFactor, message));
    }
    Ok(())
}

/// The order in which rack-aware placement walks the brokers: one of each rack in turn.
pub fn rack_alternated(racks: &BTreeMap<BrokerId, Name>) -> Vec<BrokerId> {
    let mut by_rack: BTreeMap<&Name, Vec<BrokerId>> = BTreeMap::new();
    for (id, rack) in racks {
        by_rack.entry(rack).or_default().push(*id);
    }
    let longest = by_rack.values().map(Vec::len).max().unwrap_or(0);
    (0..longest).flat_map(|turn| by_rack.values().filter_map(move |ids| ids.get(turn).copied())).collect()
}

/// Index of the follower number `follower` (from 0) among `count` brokers, `count` > 1.
fn follower_index(first: u64, shift: u64, follower: u64, count: u64) -> u64 {
    (first + 1 + (shift + follower) % (count - 1).max(1)) % count.max(1)
}

/// Places `partitions` partitions. `brokers` are sorted by id.
///
/// # Errors
/// As [`check_counts`], or only some brokers have a rack.
pub fn assign_replicas(
    brokers: &[PlaceableBroker],
    partitions: i32,
    replication_factor: i32,
    start: PlacementStart,
) -> Result<BTreeMap<i32, Vec<BrokerId>>, Refusal> {
    check_counts(brokers.len(), partitions, replication_factor)?;
    let racks: BTreeMap<BrokerId, Name> =
        brokers.iter().filter_map(|broker| Some((broker.id, broker.rack.clone()?))).collect();
    if !racks.is_empty() && racks.len() != brokers.len() {
        let message = "Not all brokers have rack information for replica rack aware assignment.";
        return Err((ErrorCode::UnknownServerError, message.into()));
    }
    let order =
        if racks.is_empty() { brokers.iter().map(|broker| broker.id).collect() } else { rack_alternated(&racks) };
    let count = order.len() as u64;
    let at = |index: u64| order.get((index % count.max(1)) as usize).copied().unwrap_or(-1);
    let mut shift = start.replica_shift;
    let mut placed = BTreeMap::new();
    let first_partition = start.first_partition.max(0);
    for partition in first_partition..first_partition.saturating_add(partitions) {
        let number = u64::try_from(partition).unwrap_or(0);
        if number > 0 && number % count == 0 {
            shift += 1;
        }
        let first = (number + start.start_index) % count;
        let replicas = if racks.is_empty() {
            let followers = (1..u64::from(replication_factor.unsigned_abs()))
                .map(|follower| at(follower_index(first, shift, follower - 1, count)));
            std::iter::once(at(first)).chain(followers).collect()
        } else {
            across_racks(&racks, &at, first, shift, replication_factor, count)
        };
        placed.insert(partition, replicas);
    }
    Ok(placed)
}

/// One partition's replicas: a rack without one is preferred, then a broker without one.
fn across_racks(
    racks: &BTreeMap<BrokerId, Name>,
    at: &impl Fn(u64) -> BrokerId,
    first: u64,
    shift: u64,
    replication_factor: i32,
    count: u64,
) -> Vec<BrokerId> {
    let rack_count = racks.values().collect::<BTreeSet<_>>().len();
    let mut replicas = vec![at(first)];
    let mut used: BTreeSet<&Name> = replicas.iter().filter_map(|id| racks.get(id)).collect();
    let mut candidate = 0;
    // Every broker comes up once in `count` steps, so this many steps always suffice.
    let limit = count.saturating_mul(u64::from(replication_factor.unsigned_abs()) + 1);
    while replicas.len() < replication_factor.unsigned_abs() as usize && candidate < limit {
        let id = at(follower_index(first, shift.saturating_mul(rack_count as u64), candidate, count));
        candidate += 1;
        let Some(rack) = racks.get(&id) else { continue };
        if (!used.contains(rack) || used.len() == rack_count) && !replicas.contains(&id) {
            replicas.push(id);
            used.insert(rack);
        }
    }
    replicas
}

/// Where added partitions go: as if they had been made with the topic, from the broker of partition
/// 0's first replica (`AdminZkClient.createNewPartitionsAssignment`). Nothing is random here.
///
/// # Errors
/// No more than there are, or as [`assign_replicas`].
pub fn assign_added_partitions(
    topic: &str,
    brokers: &[PlaceableBroker],
    existing: &[Vec<BrokerId>],
    total: i32,
) -> Result<BTreeMap<i32, Vec<BrokerId>>, Refusal> {
    let model = existing.first().cloned().unwrap_or_default();
    let preferred = model.first().copied().unwrap_or(-1);
    let start = brokers.iter().position(|broker| broker.id >= preferred).unwrap_or(0) as u64;
    let old = i32::try_from(existing.len()).unwrap_or(i32::MAX);
    if total <= old {
        let message = format!(
            "The number of partitions for a topic can only be increased. Topic {topic} currently has {old} partitions, \
             {total} would not be an increase."
        );
        return Err((ErrorCode::InvalidPartitions, message));
    }
    let replication_factor = i32::try_from(model.len()).unwrap_or(i32::MAX);
    let start = PlacementStart { start_index: start, replica_shift: start, first_partition: old };
    assign_replicas(brokers, total.saturating_sub(old), replication_factor, start)
}
