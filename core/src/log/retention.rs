//! What a log deletes by itself, `cleanup.policy=delete` (`UnifiedLog.deleteOldSegments`).

use std::rc::Rc;

use super::{Log, Segment};

impl Log {
    /// Deletes old segments: those below the log start offset, then by size, then by age. Returns how
    /// many went. `now_ms` is the broker's clock.
    pub fn delete_old_segments(&mut self, now_ms: i64) -> usize {
        let start_offset = self.log_start_offset();
        let mut deleted = self.delete_while(|_, next| next.is_some_and(|next| next <= start_offset));
        if !self.config().delete {
            return deleted;
        }
        if let Ok(limit) = u64::try_from(self.config().retention_bytes) {
            let mut excess = self.size_in_bytes().saturating_sub(limit);
            if self.size_in_bytes() >= limit {
                deleted += self.delete_while(|segment, _| match excess.checked_sub(segment.size_in_bytes()) {
                    Some(left) => {
                        excess = left;
                        true
                    }
                    None => false,
                });
            }
        }
        let retention_ms = self.config().retention_ms;
        if retention_ms >= 0 {
            // Simplified: a segment without timestamps would be judged by its file's age.
            deleted += self.delete_while(|segment, _| {
                segment.max_timestamp_ms() >= 0 && now_ms.saturating_sub(segment.max_timestamp_ms()) > retention_ms
            });
        }
        deleted
    }

    /// Deletes the oldest segments while `doomed` (segment, base offset of the next) says so and all
    /// of them is below the high watermark. An empty active segment stays; if every segment goes, an
    /// empty one takes their place.
    fn delete_while(&mut self, mut doomed: impl FnMut(&Segment, Option<i64>) -> bool) -> usize {
        let mut count = 0;
        for (index, segment) in self.segments().iter().enumerate() {
            let next = self.segments().get(index + 1).map(|next| next.base_offset());
            let empty_active = next.is_none() && segment.batches().is_empty();
            let upper_bound = next.unwrap_or(self.log_end_offset());
            if empty_active || self.high_watermark() < upper_bound || !doomed(segment, next) {
                break;
            }
            count += 1;
        }
        if count == 0 {
            return 0;
        }
        let mut kept: Vec<Rc<Segment>> = self.segments()[count..].to_vec();
        if kept.is_empty() {
            kept.push(Rc::new(Segment::new(self.log_end_offset())));
        }
        self.replace_segments(kept);
        count
    }
}
