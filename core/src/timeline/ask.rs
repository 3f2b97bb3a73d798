//! What a panel asks while it is open and the view does not carry: it is worked out when asked for.

use super::Timeline;
use crate::view::{PromisesView, promises};

impl Timeline {
    /// Kafka's promises as they stand now.
    pub fn promises(&self) -> PromisesView {
        promises(&self.run.promises, &self.view())
    }
}
