//! What the page needs beside what Trunk builds: a policy that forbids everything it does not use, a
//! service worker that keeps exactly this build, and the headers that a host should send.

mod glue;
mod headers;
mod policy;
mod worker;

use std::path::{Path, PathBuf};

pub use headers::Headers;

use crate::wasm;
use worker::Build;

/// Completes the folder that Trunk has built: policy in the page, service worker, sample headers.
///
/// # Errors
/// A file is missing or cannot be written; the message names it.
pub fn complete(folder: &Path) -> Result<(), String> {
    forget_names(folder)?;
    let page = folder.join("index.html");
    let html = std::fs::read_to_string(&page).map_err(|error| format!("{}: {error}", page.display()))?;
    let html = with_policy(&html)?;
    write(&page, &html)?;
    let build = Build::of(folder, &html)?;
    write(&folder.join("sw.js"), &without_remarks(&build.script()?))?;
    write(&folder.join(headers::FILE), &headers::sample())
}

/// Takes names out of the program that nobody calls it by: those of functions, and the long ones under which it and its
/// script know what the browser gives it.
fn forget_names(folder: &Path) -> Result<(), String> {
    let failed = |error: std::io::Error| format!("{}: {error}", folder.display());
    for entry in std::fs::read_dir(folder).map_err(failed)?.flatten() {
        let program = entry.path();
        if program.extension().is_none_or(|ending| ending != "wasm") {
            continue;
        }
        let name = program.to_string_lossy();
        let script = name.strip_suffix("_bg.wasm").map(|stem| PathBuf::from(format!("{stem}.js")));
        let Some(script) = script.filter(|script| script.exists()) else { continue };
        let module = std::fs::read(&program).map_err(failed)?;
        let imports = wasm::imports(&module).unwrap_or_default();
        let words: Vec<String> = imports.into_iter().map(|import| import.name).collect();
        let short = glue::short_names(&words);
        let called = |long: &str| short.get(long).cloned().unwrap_or_else(|| long.to_owned());
        if let Some(slim) = wasm::slim(&module, called) {
            std::fs::write(&program, slim).map_err(failed)?;
            let text = std::fs::read_to_string(&script).map_err(failed)?;
            std::fs::write(&script, glue::shortened(&text, &short)).map_err(failed)?;
        }
    }
    Ok(())
}

/// A script without the lines that are remarks and nothing else.
fn without_remarks(script: &str) -> String {
    let is_code = |line: &&str| !line.is_empty() && !line.starts_with("//") && !line.starts_with("/**");
    script.lines().map(str::trim).filter(is_code).fold(String::new(), |text, line| text + line + "\n")
}

/// A sample configuration for nginx, with the same headers.
pub fn nginx() -> String {
    headers::nginx()
}

/// The page with its policy, which also holds where a host sends no headers, and the name of its
/// service worker. A page that has them already stays as it is.
fn with_policy(html: &str) -> Result<String, String> {
    if html.contains(policy::META) {
        return Ok(html.to_owned());
    }
    if let Some(inline) = inline_script(html) {
        return Err(format!("index.html has an inline script, which the policy forbids: {inline}"));
    }
    let charset = "<meta charset=\"utf-8\">";
    let Some(at) = html.find(charset) else { return Err(format!("index.html has no {charset}")) };
    let (before, after) = html.split_at(at + charset.len());
    // The policy must come before everything that it is to hold for.
    Ok(format!("{before}\n{}\n<meta name=\"playground-offline\" content=\"sw.js\">{after}", policy::meta()))
}

/// The beginning of a script that stands in the page itself.
fn inline_script(html: &str) -> Option<&str> {
    html.match_indices("<script").find_map(|(at, _)| {
        let tag = html.get(at..)?.split('>').next()?;
        (!tag.contains(" src=")).then(|| html.get(at..)?.get(..60)).flatten()
    })
}

/// Writes a file.
///
/// # Errors
/// It cannot be written.
pub fn write(path: &Path, text: &str) -> Result<(), String> {
    std::fs::write(path, text).map_err(|error| format!("{}: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_gets_its_policy_once_and_first() {
        let html =
            "<html><head><meta charset=\"utf-8\"><script type=\"module\" src=\"boot.js\"></script></head></html>";
        let once = with_policy(html).unwrap();
        assert!(once.find("Content-Security-Policy").unwrap() < once.find("<script").unwrap());
        assert_eq!(with_policy(&once).unwrap(), once);
    }

    #[test]
    fn remarks_stay_at_home() {
        let script = "// Why.\n\nconst a = 'https://x';\n/** What. */\n  b(a);\n";
        assert_eq!(without_remarks(script), "const a = 'https://x';\nb(a);\n");
    }

    #[test]
    fn an_inline_script_is_refused() {
        let html = "<meta charset=\"utf-8\"><script type=\"module\">import init from './a.js'; more and more and more;</script>";
        assert!(with_policy(html).unwrap_err().contains("inline script"));
    }
}
