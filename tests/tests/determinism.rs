//! The state is a function of genesis, seed and journal: twice equal, seek equals straight play,
//! branches do not touch each other.

use std::collections::{BTreeMap, BTreeSet};

use playground_core::command::Command;
use playground_core::rng::Rng;
use playground_core::sim::World;
use playground_core::time::{SimDuration, SimTime};
use playground_core::timeline::Timeline;
use playground_tests::scenarios;

fn command(line: &str) -> Command {
    Command::parse(line).unwrap_or_else(|error| panic!("{line}: {error}"))
}

#[test]
fn every_scenario_played_twice_leaves_the_same_fingerprint() {
    for name in scenarios::NAMES {
        let play = || scenarios::play(name).unwrap_or_else(|error| panic!("{name}: {error}"));
        let (first, second) = (play(), play());
        assert_eq!(first.fingerprint(), second.fingerprint(), "{name}");
        assert_eq!(first.steps(), second.steps(), "{name}");
        assert_ne!(first.fingerprint(), 0, "{name}");
    }
}

#[test]
fn another_seed_leaves_another_fingerprint() {
    let mut other = scenarios::genesis();
    other.seed += 1;
    let fingerprint = |genesis| World::new(&genesis).expect("the cluster stands").fingerprint();
    assert_ne!(fingerprint(scenarios::genesis()), fingerprint(other));
}

/// What straight play has at each of these times: events run, and the fingerprint of all that happened.
fn straight_play(name: &str, times: &BTreeSet<SimTime>) -> BTreeMap<SimTime, (u64, u64)> {
    let mut world = World::new(&scenarios::genesis()).expect("the cluster stands");
    let mut seen = BTreeMap::new();
    for command in scenarios::commands(name).expect("the scenario is well formed") {
        let Command::Wait(span) = command else {
            world.execute(&command).unwrap_or_else(|error| panic!("{command}: {error}"));
            continue;
        };
        let until = world.now() + span;
        for at in times.range(world.now()..until) {
            world.run_until(*at);
            seen.insert(*at, (world.steps(), world.fingerprint()));
        }
        world.run_until(until);
    }
    seen
}

#[test]
fn seeking_to_two_hundred_random_times_equals_straight_play() {
    let mut rng = Rng::new(2026);
    let mut sought = 0;
    for (name, count) in scenarios::NAMES.into_iter().zip([66, 67, 67]) {
        let mut timeline = scenarios::timeline(name).unwrap_or_else(|error| panic!("{name}: {error}"));
        let (start, end) = (timeline.start(), timeline.end());
        let times: Vec<SimTime> = (0..count).map(|_| SimTime(rng.between(start.0, end.0 - 1))).collect();
        let expected = straight_play(name, &times.iter().copied().collect());
        for at in times {
            timeline.seek(at);
            let world = timeline.world();
            assert_eq!((world.steps(), world.fingerprint()), expected[&at], "{name} at {at}");
            assert_eq!(world.now(), at, "{name}");
            sought += 1;
        }
    }
    assert_eq!(sought, 200);
}

fn active(timeline: &Timeline) -> usize {
    timeline.branches().iter().position(|branch| branch.active).expect("one branch is active")
}

#[test]
fn a_branch_leaves_the_old_future_as_it_was() {
    let mut timeline = scenarios::timeline("the-source-example").expect("the scenario is played");
    let (start, end) = (timeline.start(), timeline.end());
    let (at_end, trunk) = (timeline.state_hash(), active(&timeline));
    let middle = SimTime((start.0 + end.0) / 2);
    timeline.seek(middle);
    let in_the_middle = timeline.state_hash();

    timeline.act(command("kill 103")).expect("103 runs");
    timeline.act(Command::Wait(SimDuration::from_ms(12_000))).expect("time passes");
    assert_eq!(timeline.branches().len(), 2, "acting in the past begins a branch");
    let branch = active(&timeline);
    assert_ne!(branch, trunk);
    let (at_end_of_branch, end_of_branch) = (timeline.state_hash(), timeline.end());
    assert_ne!(at_end_of_branch, at_end);

    assert!(timeline.switch(trunk));
    timeline.seek(end);
    assert_eq!(timeline.state_hash(), at_end, "the old future");
    timeline.seek(middle);
    assert_eq!(timeline.state_hash(), in_the_middle, "before the branch");
    assert!(timeline.switch(branch));
    timeline.seek(end_of_branch);
    assert_eq!(timeline.state_hash(), at_end_of_branch, "the branch");
}
