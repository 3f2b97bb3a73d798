use super::{Genesis, World};
use crate::time::SimTime;

#[test]
fn a_cluster_comes_up_and_equal_runs_are_equal() {
    let mut world = World::new(&Genesis::default()).expect("the default cluster stands");
    let mut twin = World::new(&Genesis::default()).expect("the default cluster stands");
    let until = SimTime(world.now().0 + 20_000_000);
    world.run_until(until);
    twin.run_until(until);
    assert_eq!(world.fingerprint(), twin.fingerprint());
    assert!(world.broker(101).is_some_and(crate::broker::Broker::is_registered));
}
