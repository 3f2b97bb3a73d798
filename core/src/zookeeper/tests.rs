//! How a leader completes a follower's log.

use std::rc::Rc;

use super::server::ZooKeeperServer;
use super::{ZooKeeperDurable, session};
use crate::protocol::zab::{QuorumPacket, Txn, TxnBody, first_zxid};
use crate::protocol::zookeeper::{CreateMode, ZkOp};

/// Transaction `counter` of `epoch`.
fn txn(epoch: i32, counter: i64) -> Rc<Txn> {
    let zxid = first_zxid(epoch) + counter;
    let body = if (epoch, counter) == (1, 1) {
        TxnBody::CreateSession { timeout_ms: 6000, owner: "101".into() }
    } else {
        let path = format!("/z{epoch}-{counter}").into();
        TxnBody::Op(ZkOp::Create { path, data: "".into(), mode: CreateMode::Persistent })
    };
    Rc::new(Txn { zxid, time_ms: 0, session: 1, cxid: 0, body })
}

/// A server whose log holds these.
fn server(log: &[(i32, i64)]) -> ZooKeeperServer {
    let mut server = ZooKeeperServer::new(3, vec![1, 2, 3], 2000, ZooKeeperDurable::default());
    for (epoch, counter) in log {
        server.history.append(txn(*epoch, *counter));
        server.data.apply(&txn(*epoch, *counter));
    }
    server
}

fn words(packets: &[QuorumPacket]) -> String {
    let word = |packet: &QuorumPacket| {
        let zxid = match packet {
            QuorumPacket::Diff { zxid } | QuorumPacket::Trunc { zxid } | QuorumPacket::Commit { zxid } => *zxid,
            QuorumPacket::Proposal(txn) => txn.zxid,
            QuorumPacket::Snap(data) => data.zxid,
            _ => -1,
        };
        format!("{} {}.{}", packet.name(), zxid >> 32, zxid & 0xffff_ffff)
    };
    packets.iter().map(word).collect::<Vec<_>>().join(", ")
}

#[test]
fn a_log_is_completed_by_diff_trunc_or_snap() {
    let leader = server(&[(1, 1), (1, 2), (1, 3), (3, 1)]);
    for (follower, expected) in [
        ((3, 1), "DIFF 3.1"),
        ((1, 2), "DIFF 3.1, PROPOSAL 1.3, COMMIT 1.3, PROPOSAL 3.1, COMMIT 3.1"),
        // It stood at the beginning of an epoch in which nothing was written.
        ((2, 0), "DIFF 3.1, PROPOSAL 3.1, COMMIT 3.1"),
        ((4, 0), "DIFF 4.0"),
        // Its last transactions are known to nobody else.
        ((3, 2), "TRUNC 3.1"),
        // They are of an older epoch: a truncation never crosses an epoch's border.
        ((2, 5), "SNAP 3.1"),
        ((0, 0), "SNAP 3.1"),
    ] {
        let (epoch, counter) = follower;
        assert_eq!(words(&leader.completion(first_zxid(epoch) + counter)), expected, "{follower:?}");
    }
    assert_eq!(words(&server(&[]).completion(0)), "DIFF 0.0");
}

#[test]
fn a_transaction_that_only_a_dead_leader_had_is_truncated_within_its_epoch() {
    let leader = server(&[(1, 1), (1, 2), (1, 5)]);
    let packets = leader.completion(first_zxid(1) + 4);
    assert_eq!(words(&packets), "TRUNC 1.2, PROPOSAL 1.5, COMMIT 1.5");
}

#[test]
fn every_server_can_check_a_password() {
    assert_eq!(session::password(7), session::password(7));
    assert_ne!(session::password(7), session::password(8));
}
