//! The run once more, from its beginning to the present moment, for whoever retells it.

use super::Timeline;
use crate::command::{Command, CommandError};

impl Timeline {
    /// Plays the run again on a timeline of its own. `visit` is shown every moment at which something was commanded,
    /// before it is carried out, and the present moment at last.
    ///
    /// # Errors
    /// The run has more events than a link may have.
    pub fn again(&self, mut visit: impl FnMut(&Self, Option<&Command>)) -> Result<(), CommandError> {
        let mut again = Self::new(self.genesis().clone())?;
        for entry in self.branch().journal.iter().take(self.commands) {
            again.replay_to(entry.at.0, entry.steps)?;
            visit(&again, Some(&entry.command));
            again.act(entry.command.clone())?;
        }
        let here = self.position();
        again.replay_to(here.at.0, here.steps)?;
        visit(&again, None);
        Ok(())
    }
}
