//! What is a world's own and no clone's.

/// A list of that world alone: a clone has an empty one. So nothing is told twice, and no checkpoint keeps what a step
/// needs for itself.
#[derive(Debug)]
pub(super) struct Own<T>(pub(super) Vec<T>);

impl<T> Default for Own<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T> Clone for Own<T> {
    fn clone(&self) -> Self {
        Self::default()
    }
}
