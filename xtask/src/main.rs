//! `cargo xtask`: everything that one does with this repository, without having to install anything
//! by hand first. Depends on nothing but Rust's standard library, so that it starts in seconds.

mod bench;
mod course;
mod dist;
mod fix;
mod fonts;
mod parity;
mod play;
mod process;
mod record;
mod serve;
mod setup;
mod shots;
mod site;
mod sweep;
mod tidy;
mod verify;
mod wasm;

use std::process::ExitCode;

const USAGE: &str = "\
cargo xtask play  [--port N] [--check]   build the page, serve it on 127.0.0.1, print the address
cargo xtask test  [--core]               every check; --core: only what needs nothing but Rust
cargo xtask dist  [FOLDER] [--compressed]  the page for any static host (target/site), and what it weighs
cargo xtask complete [FOLDER]            policy, service worker and headers for what Trunk alone has built (dist)
cargo xtask lesson check FILE…           whether lessons are sound: played with every answer and every way
cargo xtask fix                          format, and let clippy mend what it can
cargo xtask bench                        events per second, simulated to real time, size of the page
cargo xtask bench --page [PART…]         frames, answers, seeks, first record, memory and weight of the page in a
                                         browser against their targets, as ratios in one run
cargo xtask record CASE… [--runs N] [--again] [--kafka VERSION]
                                         ask Apache Kafka itself, write its answers into the case, play it here
cargo xtask shots [DIRECTORY]            pictures of the page in all sizes and themes (target/shots)
cargo xtask sweep [--seeds N] [--seed N] [--guard NAME]
                                         random faults: promises hold, healed clusters come to rest
cargo xtask guards [--seeds N]           Kafka's checks off one at a time: which promise falls
cargo xtask tidy                         only the house rules (part of test)

Environment: CHROME names a Chromium or Chrome to use for browser tests.";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match words.as_slice() {
        ["play", options @ ..] => play::Options::parse(options).and_then(|options| play::run(&options)),
        ["test"] => verify::run(verify::Extent::Everything),
        ["test", "--core"] => verify::run(verify::Extent::OnlyRust),
        ["dist", options @ ..] => dist::Options::parse(options).and_then(|options| dist::run(&options)),
        ["complete"] => site::complete(&process::root().join("dist")),
        ["complete", folder] if !folder.starts_with('-') => site::complete(&process::root().join(folder)),
        ["course"] => course::for_trunk(),
        ["fonts"] => fonts::for_trunk(),
        ["lesson", "check", files @ ..] if !files.is_empty() => sweep::lessons(files),
        ["fix"] => fix::run_all(),
        ["bench"] => bench::run_all(),
        ["bench", "--page", parts @ ..] => bench::page(parts),
        ["record", options @ ..] => record::Options::parse(options).and_then(|options| record::run_all(&options)),
        ["shots"] => shots::run_all(None),
        ["shots", directory] if !directory.starts_with('-') => shots::run_all(Some(directory)),
        ["sweep", options @ ..] => sweep::sweep(options),
        ["guards", options @ ..] => sweep::guards(options),
        ["tidy"] => tidy::run(),
        ["tidy", "--fix"] => tidy::write_list_of_simplifications(),
        ["help" | "--help" | "-h"] => {
            println!("{USAGE}");
            Ok(())
        }
        [] => Err(USAGE.to_owned()),
        other => Err(format!("`cargo xtask {}` is not known.\n\n{USAGE}", other.join(" "))),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            if !message.is_empty() {
                eprintln!("{message}");
            }
            ExitCode::FAILURE
        }
    }
}
