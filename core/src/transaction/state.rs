//! Where a transaction stands (`TransactionState`).

/// A state, with Kafka's number in the log.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum TransactionState {
    /// The producer has an epoch, and no transaction since.
    Empty = 0,
    /// Partitions are in it.
    Ongoing = 1,
    /// It is decided: commit. Markers are on their way.
    PrepareCommit = 2,
    /// It is decided: abort. Markers are on their way.
    PrepareAbort = 3,
    /// Every partition has its COMMIT.
    CompleteCommit = 4,
    /// Every partition has its ABORT.
    CompleteAbort = 5,
    /// The id has expired. Only in memory, while the tombstone is written.
    Dead = 6,
    /// The epoch is being raised, so that the old producer is shut out. Never in the log.
    PrepareEpochFence = 7,
}

impl TransactionState {
    /// All states, by number.
    pub const ALL: [Self; 8] = [
        Self::Empty,
        Self::Ongoing,
        Self::PrepareCommit,
        Self::PrepareAbort,
        Self::CompleteCommit,
        Self::CompleteAbort,
        Self::Dead,
        Self::PrepareEpochFence,
    ];

    /// Kafka's number.
    pub const fn id(self) -> i8 {
        self as i8
    }

    /// The state with this number.
    pub fn of(id: i8) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.id() == id)
    }

    /// Kafka's name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Empty => "Empty",
            Self::Ongoing => "Ongoing",
            Self::PrepareCommit => "PrepareCommit",
            Self::PrepareAbort => "PrepareAbort",
            Self::CompleteCommit => "CompleteCommit",
            Self::CompleteAbort => "CompleteAbort",
            Self::Dead => "Dead",
            Self::PrepareEpochFence => "PrepareEpochFence",
        }
    }

    /// True if `next` may follow (`validPreviousStates`).
    pub const fn may_become(self, next: Self) -> bool {
        use TransactionState as S;
        match next {
            S::Empty => matches!(self, S::Empty | S::CompleteCommit | S::CompleteAbort),
            S::Ongoing => matches!(self, S::Ongoing | S::Empty | S::CompleteCommit | S::CompleteAbort),
            S::PrepareCommit | S::PrepareEpochFence => matches!(self, S::Ongoing),
            S::PrepareAbort => matches!(self, S::Ongoing | S::PrepareEpochFence),
            S::CompleteCommit => matches!(self, S::PrepareCommit),
            S::CompleteAbort => matches!(self, S::PrepareAbort),
            S::Dead => matches!(self, S::Empty | S::CompleteAbort | S::CompleteCommit),
        }
    }

    /// It may expire (`isExpirationAllowed`).
    pub const fn may_expire(self) -> bool {
        matches!(self, Self::Empty | Self::CompleteCommit | Self::CompleteAbort)
    }

    /// It is decided and its markers are on their way.
    pub const fn is_prepared(self) -> bool {
        matches!(self, Self::PrepareCommit | Self::PrepareAbort)
    }
}
