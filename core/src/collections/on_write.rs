//! A value that clones share until one of them writes to it: what a checkpoint keeps of a map is copied entry by entry
//! as the entries change, and most never do.

use std::ops::{Deref, DerefMut};
use std::rc::Rc;

/// The value. Borrowing it mutably copies it if a clone has it too.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct OnWrite<T>(Rc<T>);

impl<T> From<T> for OnWrite<T> {
    fn from(value: T) -> Self {
        Self(Rc::new(value))
    }
}

impl<T: Clone> OnWrite<T> {
    /// The value itself, copied if a clone has it too.
    pub fn take(self) -> T {
        Rc::unwrap_or_clone(self.0)
    }
}

impl<T> Deref for OnWrite<T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: Clone> DerefMut for OnWrite<T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        Rc::make_mut(&mut self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_written_to_is_copied() {
        let mut all: Vec<OnWrite<Vec<i32>>> = vec![vec![1].into(), vec![2].into()];
        let before = all.clone();
        all[1].push(3);
        assert!(Rc::ptr_eq(&all[0].0, &before[0].0) && !Rc::ptr_eq(&all[1].0, &before[1].0));
        assert_eq!((before[1].clone().take(), all.remove(1).take()), (vec![2], vec![2, 3]));
    }
}
