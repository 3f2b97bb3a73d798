//! The ZooKeeper client protocol: operations on znodes, sessions and watches (`kafka/04`).

use crate::ids::Name;

/// ZooKeeper's error codes (`KeeperException.Code`).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum ZkError {
    /// -4: the connection broke before the answer came.
    ConnectionLoss,
    /// -101: there is no such znode.
    NoNode,
    /// -103: the version given is not the znode's.
    BadVersion,
    /// -108: ephemeral znodes have no children.
    NoChildrenForEphemerals,
    /// -110: the znode exists.
    NodeExists,
    /// -111: the znode has children.
    NotEmpty,
    /// -112: the session has expired.
    SessionExpired,
    /// -118: the session goes on at another server; this connection is an old one.
    SessionMoved,
    /// -8: the path is malformed.
    BadArguments,
    /// -2: another operation of the same multi failed.
    RuntimeInconsistency,
}

impl ZkError {
    /// ZooKeeper's name of the code, such as `NONODE`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::ConnectionLoss => "CONNECTIONLOSS",
            Self::NoNode => "NONODE",
            Self::BadVersion => "BADVERSION",
            Self::NoChildrenForEphemerals => "NOCHILDRENFOREPHEMERALS",
            Self::NodeExists => "NODEEXISTS",
            Self::NotEmpty => "NOTEMPTY",
            Self::SessionExpired => "SESSIONEXPIRED",
            Self::SessionMoved => "SESSIONMOVED",
            Self::BadArguments => "BADARGUMENTS",
            Self::RuntimeInconsistency => "RUNTIMEINCONSISTENCY",
        }
    }
}

/// What a znode knows about itself (`Stat`).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Stat {
    /// Transaction that created it; of `/brokers/ids/N` this is the broker epoch.
    pub czxid: i64,
    /// Transaction that last changed its data.
    pub mzxid: i64,
    /// Transaction that last changed its children.
    pub pzxid: i64,
    /// When it was created, ms since 1970.
    pub ctime_ms: i64,
    /// When its data last changed, ms since 1970.
    pub mtime_ms: i64,
    /// Version of the data; of a partition's `state` this is the partition epoch.
    pub version: i32,
    /// Version of the list of children.
    pub cversion: i32,
    /// The session that owns it, 0 if it is persistent.
    pub ephemeral_owner: i64,
    /// Bytes of data.
    pub data_length: i32,
    /// How many children it has.
    pub num_children: i32,
}

/// How long a znode lives and who completes its name.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CreateMode {
    /// Until it is deleted.
    Persistent,
    /// Until its session ends.
    Ephemeral,
    /// Persistent; ten digits counted by the parent are appended to the name.
    PersistentSequential,
    /// Ephemeral, with such digits.
    EphemeralSequential,
}

impl CreateMode {
    /// The znode vanishes with its session.
    pub const fn is_ephemeral(self) -> bool {
        matches!(self, Self::Ephemeral | Self::EphemeralSequential)
    }

    /// The parent's count completes the name.
    pub const fn is_sequential(self) -> bool {
        matches!(self, Self::PersistentSequential | Self::EphemeralSequential)
    }
}

/// One operation. Versions of -1 mean "any".
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ZkOp {
    /// Creates a znode; its parent must exist.
    Create {
        /// Absolute path.
        path: Name,
        /// Data; may be empty.
        data: Name,
        /// Its kind.
        mode: CreateMode,
    },
    /// Replaces the data.
    SetData {
        /// Absolute path.
        path: Name,
        /// New data.
        data: Name,
        /// Version it must have.
        version: i32,
    },
    /// Deletes a znode without children.
    Delete {
        /// Absolute path.
        path: Name,
        /// Version it must have.
        version: i32,
    },
    /// Only checks the version (in a multi).
    Check {
        /// Absolute path.
        path: Name,
        /// Version it must have.
        version: i32,
    },
    /// Reads data, optionally leaving a one-shot data watch.
    GetData {
        /// Absolute path.
        path: Name,
        /// Leave a watch.
        watch: bool,
    },
    /// Asks whether the znode exists, optionally leaving a one-shot watch (also on its creation).
    Exists {
        /// Absolute path.
        path: Name,
        /// Leave a watch.
        watch: bool,
    },
    /// Lists the children's names in order, optionally leaving a one-shot child watch.
    GetChildren {
        /// Absolute path.
        path: Name,
        /// Leave a watch.
        watch: bool,
    },
    /// Lets the server catch up with the leader, so that the next read sees every earlier write.
    Sync {
        /// Absolute path.
        path: Name,
    },
    /// All or nothing; only Create, SetData, Delete and Check.
    Multi(Vec<ZkOp>),
}

/// The result of one successful [`ZkOp`].
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ZkResult {
    /// Created, with the full path (completed if sequential).
    Created {
        /// The path as created.
        path: Name,
        /// Its stat.
        stat: Stat,
    },
    /// Data was set.
    Set(Stat),
    /// Deleted.
    Deleted,
    /// The version is as required.
    Checked,
    /// Data as read.
    Data {
        /// The data.
        data: Name,
        /// Its stat.
        stat: Stat,
    },
    /// The znode exists.
    Exists(Stat),
    /// The names of the children, sorted.
    Children(Vec<Name>),
    /// The server has caught up.
    Synced,
    /// The results of a multi, in order.
    Multi(Vec<ZkResult>),
}

/// What a client sends on its session's connection.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ZkRequest {
    /// Opens a session (id 0) or goes on with one.
    Connect {
        /// 0 for a new session.
        session_id: i64,
        /// What the server gave with the session, 0 for a new one.
        password: u64,
        /// Asked for; the server grants 2 to 20 ticks.
        timeout_ms: u64,
        /// The newest transaction the client has seen; a server behind it refuses.
        last_zxid: i64,
    },
    /// Keeps the session alive.
    Ping,
    /// After a reconnection: the watches that the client still holds; what they missed fires.
    SetWatches {
        /// The newest transaction the client has seen.
        relative_zxid: i64,
        /// Paths of data watches.
        data: Vec<Name>,
        /// Paths of watches on znodes that were not there.
        exists: Vec<Name>,
        /// Paths of child watches.
        children: Vec<Name>,
    },
    /// Ends the session; its ephemerals vanish at once.
    Close,
    /// An operation.
    Op(ZkOp),
}

/// What a server answers.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ZkResponse {
    /// The session stands.
    Connected {
        /// Its id.
        session_id: i64,
        /// Proves to other servers that the session is the client's.
        password: u64,
        /// Granted.
        timeout_ms: u64,
    },
    /// The session that was asked for is over.
    Expired,
    /// The answer to a ping.
    Pong,
    /// The session is closed.
    Closed,
    /// The answer to an operation.
    Op {
        /// Result or error. For a failed multi: the error of the operation that failed.
        result: Result<ZkResult, ZkError>,
        /// The transaction up to which this server has applied.
        zxid: i64,
    },
}

/// What a watch saw (`Watcher.Event.EventType`).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum WatchKind {
    /// The znode came to be.
    NodeCreated,
    /// The znode is gone.
    NodeDeleted,
    /// Its data changed.
    NodeDataChanged,
    /// The list of its children changed.
    NodeChildrenChanged,
}

/// A watch fired. One-shot: it must be set again.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct WatchEvent {
    /// What happened.
    pub kind: WatchKind,
    /// To which znode.
    pub path: Name,
}
