//! The playground page: `model` knows and decides, `scene` draws the cluster, `components` draw the
//! words and controls, `diagram` and `charts` draw messages and numbers over time, `shell` owns the engine, the frames and everything else that is impure.

pub mod charts;
pub mod components;
pub mod course;
pub mod decimal;
pub mod diagram;
pub mod lesson;
pub mod model;
pub mod scene;
pub mod shell;
