//! The playground page: `model` knows and decides, `scene` draws the cluster, `components` draw the
//! words and controls, `shell` owns the engine, the frames and everything else that is impure.

pub mod components;
pub mod lesson;
pub mod model;
pub mod scene;
pub mod shell;
