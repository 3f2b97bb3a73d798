//! What a log deletes by itself, `cleanup.policy=delete` (`UnifiedLog.deleteOldSegments`). Leaves out
//! `file.delete.delay.ms`: a segment that is deleted is gone for readers at once, and so are its bytes here.

use super::{Log, Segment};

impl Log {
    /// Deletes old segments: those below the log start offset, then by size, then by age. Returns how
    /// many went. `now_ms` is the broker's clock.
    pub fn delete_old_segments(&mut self, now_ms: i64) -> u64 {
        let start_offset = self.log_start_offset();
        let mut deleted = self.delete_while(now_ms, |_, next| next.is_some_and(|next| next <= start_offset));
        if !self.config().delete {
            return deleted;
        }
        if let Ok(limit) = u64::try_from(self.config().retention_bytes) {
            let mut excess = self.size_in_bytes().saturating_sub(limit);
            if self.size_in_bytes() >= limit {
                deleted += self.delete_while(now_ms, |segment, _| match excess.checked_sub(segment.size_in_bytes()) {
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
            deleted += self.delete_while(now_ms, |segment, _| {
                now_ms.saturating_sub(segment.largest_timestamp_ms()) > retention_ms
            });
        }
        deleted
    }

    /// Deletes the oldest segments while `doomed` (segment, base offset of the next) says so and all
    /// of them is below the high watermark. An empty active segment stays; if every segment goes, an
    /// empty one takes their place.
    fn delete_while(&mut self, now_ms: i64, mut doomed: impl FnMut(&Segment, Option<i64>) -> bool) -> u64 {
        let mut count = 0_usize;
        for (index, segment) in self.segments().iter().enumerate() {
            let next = self.segments().get(index + 1).map(|next| next.base_offset());
            let empty_active = next.is_none() && segment.is_empty();
            let upper_bound = next.unwrap_or(self.log_end_offset());
            if empty_active || self.high_watermark() < upper_bound || !doomed(segment, next) {
                break;
            }
            count += 1;
        }
        if count == 0 {
            return 0;
        }
        if count == self.segments().len() {
            self.roll(self.log_end_offset(), now_ms);
        }
        self.keep_segments(self.segments()[count..].to_vec());
        count as u64
    }
}
