//! What the page weighs: by file, and its program by the crate that the code comes from.

use std::path::Path;

use super::optimize::squeezed;
use super::{LIMIT, files};
use crate::wasm::Weight;

/// Crates below this part of the code are summed up.
const SMALL: u64 = 100;

/// Prints the program's code by crate, before wasm-opt, which forgets names.
pub fn by_crate(weight: &Weight) {
    println!("\nprogram before wasm-opt, by crate                        bytes    share of code");
    let mut rest = (0, 0);
    for (name, size) in &weight.crates {
        if size * SMALL < weight.code {
            rest = (rest.0 + 1, rest.1 + size);
        } else {
            line(name, *size, weight.code);
        }
    }
    if rest.0 > 0 {
        line(&format!("{} other crates", rest.0), rest.1, weight.code);
    }
    line("code in all", weight.code, weight.code);
    println!("{:<48} {:>12}", "constants: texts and tables", weight.data);
}

fn line(name: &str, size: u64, whole: u64) {
    let promille = size * 1000 / whole.max(1);
    println!("{name:<48} {size:>12}    {:>3}.{} %", promille / 10, promille % 10);
}

/// Prints the folder file by file. What WebAssembly and JavaScript weigh compressed comes back, if Node
/// is there to compress them.
///
/// # Errors
/// A file cannot be read.
pub fn by_file(folder: &Path, keep: bool) -> Result<Option<u64>, String> {
    let all: Vec<_> = files(folder)?.into_iter().filter(|path| is_carried(path)).collect();
    let Some(sizes) = squeezed(&all, keep) else {
        println!("\npage, file by file (Node is not there: not compressed)      bytes");
        for path in &all {
            let size = std::fs::metadata(path).map_err(|error| format!("{}: {error}", path.display()))?.len();
            println!("{:<48} {size:>12}", path.file_name().unwrap_or_default().to_string_lossy());
        }
        return Ok(None);
    };
    println!("\npage, file by file                                       bytes         gzip       brotli");
    let rows = rows(&sizes);
    for (name, [raw, gzip, brotli]) in &rows {
        println!("{name:<48} {raw:>12} {gzip:>12} {brotli:>12}");
    }
    let sum = |wanted: fn(&str) -> bool| {
        rows.iter().filter(|(name, _)| wanted(name)).fold([0; 3], |sum, (_, row)| [0, 1, 2].map(|at| sum[at] + row[at]))
    };
    let program = sum(|name| name.ends_with(".wasm") || name.ends_with(".js"));
    for (name, [raw, gzip, brotli]) in [("together", sum(|_| true)), ("WebAssembly and JavaScript", program)] {
        println!("{name:<48} {raw:>12} {gzip:>12} {brotli:>12}");
    }
    println!("{:<48} {:>12} {:>12} {LIMIT:>12}", "… may be at most", "", "");
    Ok(Some(program[2]))
}

/// Files that a browser fetches.
fn is_carried(path: &Path) -> bool {
    let ending = path.extension().and_then(|ending| ending.to_str());
    matches!(ending, Some("html" | "js" | "wasm" | "css" | "svg" | "png" | "webmanifest" | "woff2" | "md"))
}

/// `name raw gzip brotli` of each line.
fn rows(text: &str) -> Vec<(String, [u64; 3])> {
    let row = |line: &str| {
        let mut words = line.split_whitespace();
        let name = words.next()?.to_owned();
        let mut number = || words.next()?.parse().ok();
        Some((name, [number()?, number()?, number()?]))
    };
    text.lines().filter_map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::rows;

    #[test]
    fn rows_are_read() {
        assert_eq!(rows("a.js 10 5 4\nnoise\n"), [("a.js".to_owned(), [10, 5, 4])]);
    }
}
