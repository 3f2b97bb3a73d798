//! The playground page.

pub mod scene;
