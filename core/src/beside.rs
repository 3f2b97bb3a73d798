//! Long texts that are read and not compiled: the help of Kafka's tools, the tables of configs, the
//! exceptions and messages of error codes, what promises say. The page has them beside
//! its program, which would be a fiftieth larger with them, and gives them before anything runs; everywhere else they
//! are compiled in. They are constants: who gives them cannot change them.

/// A text of a file below `core/src`.
#[derive(Clone, Copy, Debug)]
pub struct Beside(pub(crate) &'static str);

/// The text of this file.
#[cfg(not(all(feature = "texts-beside", target_arch = "wasm32")))]
macro_rules! beside {
    ($path:literal) => {
        crate::beside::Beside(include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/", $path)))
    };
}

/// The text that the page gives under this path.
#[cfg(all(feature = "texts-beside", target_arch = "wasm32"))]
macro_rules! beside {
    ($path:literal) => {
        crate::beside::Beside($path)
    };
}

pub(crate) use beside;

#[cfg(not(all(feature = "texts-beside", target_arch = "wasm32")))]
impl Beside {
    /// The text.
    pub fn text(self) -> &'static str {
        self.0
    }
}

#[cfg(all(feature = "texts-beside", target_arch = "wasm32"))]
mod given {
    use std::sync::OnceLock;

    static TEXTS: OnceLock<Vec<(&str, &str)>> = OnceLock::new();

    impl super::Beside {
        /// The text; empty if the page did not give it.
        pub fn text(self) -> &'static str {
            let texts = TEXTS.get().map_or(&[][..], Vec::as_slice);
            texts.iter().find(|(path, _)| *path == self.0).map_or("", |(_, text)| *text)
        }
    }

    /// The texts by the paths of their files below `core/src`. Counts once, before anything runs.
    pub fn give(texts: Vec<(&'static str, &'static str)>) {
        let _ = TEXTS.set(texts);
    }
}

#[cfg(all(feature = "texts-beside", target_arch = "wasm32"))]
pub use given::give;
