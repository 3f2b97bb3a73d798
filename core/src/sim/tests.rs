use super::network::Network;
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

/// (seconds from the attempt to the end of the fault, when the next SYN passes): Linux's
/// `tcp_syn_linear_timeouts`.
#[test]
fn a_handshake_that_a_fault_stopped_is_tried_again_each_second_at_first() {
    let at = |tenths: u64| SimTime(tenths * 100_000);
    for (healed, passes) in [(0, 10), (9, 10), (10, 20), (34, 40), (49, 50), (50, 70), (75, 110), (120, 190)] {
        assert_eq!(Network::handshake_after(at(0), at(healed)), at(passes), "healed after {healed} tenths");
    }
}
