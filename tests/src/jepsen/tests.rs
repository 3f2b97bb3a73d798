//! Histories by hand: each anomaly once as it is and once as it is not.

use super::{Anomaly, History, Kind, Micro, Op, Outcome, check};

const X: u32 = 0;
const Y: u32 = 1;

fn op(process: u32, outcome: Outcome, micros: Vec<Micro>) -> Op {
    let rebalanced = Default::default();
    Op { process, kind: Kind::Work, outcome, micros, rebalanced }
}

fn ok(process: u32, micros: Vec<Micro>) -> Op {
    op(process, Outcome::Ok, micros)
}

fn send(key: u32, value: u32, offset: i64) -> Micro {
    Micro::Send { key, value, offset: Some(offset) }
}

fn poll(key: u32, records: &[(i64, u32)]) -> Micro {
    Micro::Poll { key, records: records.to_vec() }
}

fn found(ops: Vec<Op>) -> Vec<(Anomaly, Vec<u32>)> {
    let found = check(&History { ops }, true);
    found.into_iter().map(|finding| (finding.anomaly, finding.values)).collect()
}

fn kinds(ops: Vec<Op>) -> Vec<Anomaly> {
    let mut kinds: Vec<Anomaly> = found(ops).into_iter().map(|(anomaly, _)| anomaly).collect();
    kinds.sort();
    kinds.dedup();
    kinds
}

#[test]
fn a_log_that_is_written_and_read_in_order_is_clean() {
    let ops = vec![
        ok(0, vec![send(X, 1, 0)]),
        ok(0, vec![send(X, 2, 1)]),
        ok(1, vec![poll(X, &[(0, 1)])]),
        ok(1, vec![poll(X, &[(1, 2)])]),
    ];
    assert_eq!(found(ops), []);
}

#[test]
fn inconsistent_offsets() {
    let read = |value| ok(1, vec![poll(X, &[(0, value)])]);
    // Jepsen's own example: an acknowledged offset is taken by another value.
    let ops = vec![ok(0, vec![send(X, 1, 0)]), read(2)];
    assert!(found(ops).contains(&(Anomaly::InconsistentOffsets, vec![1, 2])));
    // What may not have happened and was read by nobody proves nothing.
    let ops = vec![op(0, Outcome::Info, vec![send(X, 1, 0)]), read(2)];
    assert_eq!(kinds(ops), []);
    // The same offset of another partition is another place.
    let ops = vec![ok(0, vec![send(Y, 1, 0)]), ok(1, vec![poll(Y, &[(0, 1)])]), read(2)];
    assert_eq!(kinds(ops), []);
}

#[test]
fn duplicate() {
    let ops = vec![ok(0, vec![send(X, 1, 0)]), ok(1, vec![poll(X, &[(0, 1), (1, 1)])])];
    assert!(found(ops).contains(&(Anomaly::Duplicate, vec![1])));
    let ops = vec![ok(0, vec![send(X, 1, 0)]), ok(1, vec![poll(X, &[(0, 1)])]), ok(2, vec![poll(X, &[(0, 1)])])];
    assert_eq!(kinds(ops), []);
}

#[test]
fn lost_write() {
    let sends = || vec![ok(0, vec![send(X, 1, 0)]), ok(0, vec![send(X, 2, 1)])];
    let with = |polled: &[(i64, u32)]| {
        let mut ops = sends();
        ops.push(ok(1, vec![poll(X, polled)]));
        ops
    };
    assert!(found(with(&[(1, 2)])).contains(&(Anomaly::LostWrite, vec![1])));
    assert!(!kinds(with(&[(0, 1), (1, 2)])).contains(&Anomaly::LostWrite));
    // Above the highest that was read, nothing is known to be lost: it is unseen.
    assert_eq!(kinds(with(&[(0, 1)])), [Anomaly::Unseen]);
    // A writer that failed lost nothing.
    let ops =
        vec![op(0, Outcome::Fail, vec![send(X, 1, 0)]), ok(0, vec![send(X, 2, 1)]), ok(1, vec![poll(X, &[(1, 2)])])];
    assert_eq!(kinds(ops), []);
}

#[test]
fn unseen() {
    let acked = || ok(0, vec![Micro::Send { key: X, value: 1, offset: None }]);
    assert_eq!(found(vec![acked()]), [(Anomaly::Unseen, vec![1])]);
    assert_eq!(found(vec![acked(), ok(1, vec![poll(X, &[(7, 1)])])]), []);
    assert_eq!(check(&History { ops: vec![acked()] }, false), []);
    assert_eq!(found(vec![op(0, Outcome::Info, vec![send(X, 1, 0)])]), []);
}

#[test]
fn aborted_read() {
    let aborted = || op(0, Outcome::Fail, vec![send(X, 1, 0)]);
    let read = |outcome| op(1, outcome, vec![poll(X, &[(0, 1)])]);
    assert_eq!(found(vec![aborted(), read(Outcome::Ok)]), [(Anomaly::AbortedRead, vec![1])]);
    // In an operation that is not ok itself it does not count.
    assert_eq!(found(vec![aborted(), read(Outcome::Info)]), []);
    assert_eq!(found(vec![op(0, Outcome::Info, vec![send(X, 1, 0)]), read(Outcome::Ok)]), []);
}

#[test]
fn precommitted_read() {
    let ops = vec![ok(0, vec![send(X, 1, 0), poll(X, &[(0, 1)])])];
    assert_eq!(found(ops), [(Anomaly::PrecommittedRead, vec![1])]);
    let ops = vec![ok(0, vec![send(X, 1, 0), poll(Y, &[(0, 1)])]), ok(1, vec![poll(X, &[(0, 1)])])];
    assert_eq!(kinds(ops), []);
}

#[test]
fn polls_inside_of_an_operation() {
    let written = || ok(0, vec![send(X, 1, 0), send(X, 2, 5), send(X, 3, 6)]);
    let all = || ok(2, vec![poll(X, &[(0, 1), (5, 2), (6, 3)])]);
    let with = |polled: Vec<Micro>| found(vec![written(), all(), ok(1, polled)]);
    // A gap in the offsets is none in the values.
    assert_eq!(with(vec![poll(X, &[(0, 1), (5, 2)])]), []);
    let skip = vec![(Anomaly::IntPollSkip, vec![1, 2, 3])];
    assert_eq!(with(vec![poll(X, &[(0, 1), (6, 3)])]), skip);
    assert_eq!(with(vec![poll(X, &[(0, 1)]), poll(Y, &[(0, 9)]), poll(X, &[(6, 3)])]), skip);
    assert_eq!(with(vec![poll(X, &[(5, 2), (0, 1)])]), [(Anomaly::IntNonmonotonicPoll, vec![2, 1])]);
    assert_eq!(with(vec![poll(X, &[(5, 2), (5, 2)])]), [(Anomaly::IntNonmonotonicPoll, vec![2, 2])]);
    // A rebalance of the partition in between explains it.
    let mut rebalanced = ok(1, vec![poll(X, &[(0, 1)]), poll(X, &[(6, 3)])]);
    rebalanced.rebalanced.insert(X);
    assert_eq!(found(vec![written(), all(), rebalanced]), []);
}

#[test]
fn polls_between_operations() {
    let written = || ok(0, vec![send(X, 1, 0), send(X, 2, 1), send(X, 3, 2)]);
    let all = || ok(2, vec![poll(X, &[(0, 1), (1, 2), (2, 3)])]);
    let read = |process, offset, value| ok(process, vec![poll(X, &[(offset, value)])]);
    let with = |ops: Vec<Op>| found([vec![written(), all()], ops].concat());
    assert_eq!(with(vec![read(1, 0, 1), read(1, 2, 3)]), [(Anomaly::PollSkip, vec![1, 2, 3])]);
    assert_eq!(with(vec![read(1, 1, 2), read(1, 0, 1)]), [(Anomaly::NonmonotonicPoll, vec![2, 1])]);
    assert_eq!(with(vec![read(1, 0, 1), read(1, 1, 2)]), []);
    // Another process may stand elsewhere.
    assert_eq!(with(vec![read(1, 1, 2), read(3, 0, 1)]), []);
    // A poll that is not ok is not remembered.
    let aborted = op(1, Outcome::Fail, vec![poll(X, &[(1, 2)])]);
    assert_eq!(with(vec![read(1, 0, 1), aborted, read(1, 1, 2)]), []);
    // An assignment that drops the partition makes the process forget.
    let mut dropped = ok(1, vec![]);
    dropped.kind = Kind::Assign;
    dropped.rebalanced.insert(X);
    assert_eq!(with(vec![read(1, 1, 2), dropped, read(1, 0, 1)]), []);
}

#[test]
fn sends_inside_of_an_operation() {
    let all = |records: &[(i64, u32)]| ok(2, vec![poll(X, records)]);
    let three = [(0, 1), (1, 2), (2, 3)];
    let ops = vec![ok(0, vec![send(X, 1, 0), send(X, 3, 2)]), ok(1, vec![send(X, 2, 1)]), all(&three)];
    // Two transactions that write in turn are a circle of writes too.
    assert_eq!(found(ops), [(Anomaly::IntSendSkip, vec![1, 3]), (Anomaly::G0, vec![2, 3])]);
    let ops = vec![ok(0, vec![send(X, 2, 1), send(X, 1, 0)]), all(&three[..2])];
    assert_eq!(found(ops), [(Anomaly::IntNonmonotonicSend, vec![2, 1])]);
    let ops = vec![
        ok(0, vec![send(X, 1, 0), send(Y, 8, 0), send(X, 2, 1)]),
        all(&three[..2]),
        ok(3, vec![poll(Y, &[(0, 8)])]),
    ];
    assert_eq!(found(ops), []);
}

#[test]
fn sends_between_operations() {
    let all = || ok(2, vec![poll(X, &[(0, 1), (1, 2)])]);
    let one = |process, value, offset| ok(process, vec![send(X, value, offset)]);
    assert_eq!(found(vec![one(0, 2, 1), one(0, 1, 0), all()]), [(Anomaly::NonmonotonicSend, vec![2, 1])]);
    assert_eq!(found(vec![one(0, 1, 0), one(0, 2, 1), all()]), []);
    assert_eq!(found(vec![one(0, 2, 1), one(1, 1, 0), all()]), []);
    // What may have happened counts where it was read, what failed does not.
    let unknown = op(0, Outcome::Info, vec![Micro::Send { key: X, value: 2, offset: None }]);
    assert_eq!(kinds(vec![unknown, one(0, 1, 0), all()]), [Anomaly::NonmonotonicSend]);
    let failed = op(0, Outcome::Fail, vec![send(X, 2, 1)]);
    let without = ok(2, vec![poll(X, &[(0, 1)])]);
    assert_eq!(found(vec![failed, one(0, 1, 0), without]), []);
}

#[test]
fn circles_of_writes_and_of_reads() {
    let read = ok(2, vec![poll(X, &[(0, 1), (1, 2)]), poll(Y, &[(0, 4), (1, 3)])]);
    let first = ok(0, vec![send(X, 1, 0), send(Y, 3, 1)]);
    let second = ok(1, vec![send(X, 2, 1), send(Y, 4, 0)]);
    assert_eq!(kinds(vec![first.clone(), second, read]), [Anomaly::G0]);
    let second = ok(1, vec![send(X, 2, 1), send(Y, 4, 2)]);
    let read = ok(2, vec![poll(X, &[(0, 1), (1, 2)]), poll(Y, &[(1, 3), (2, 4)])]);
    assert_eq!(found(vec![first, second, read]), []);
    let a = ok(0, vec![send(X, 1, 0), poll(Y, &[(0, 2)])]);
    let b = ok(1, vec![send(Y, 2, 0), poll(X, &[(0, 1)])]);
    assert_eq!(kinds(vec![a.clone(), b]), [Anomaly::G1c]);
    let b = ok(1, vec![send(Y, 2, 0)]);
    let c = ok(2, vec![poll(X, &[(0, 1)])]);
    assert_eq!(found(vec![a, b, c]), []);
}
