//! The impure part: the engine, the frames, storage, the address bar, the clipboard, the last resort.

pub mod answers;
pub mod clipboard;
pub mod comparing;
pub mod document;
pub mod download;
pub mod engine;
pub mod fatal;
pub mod foresight;
pub mod frame_loop;
pub mod link;
pub mod pacing;
pub mod storage;
pub mod tools;
