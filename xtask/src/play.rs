//! `cargo xtask play`: build the page, serve it, print where.

use std::path::PathBuf;

use crate::process::{self, program, root};
use crate::serve::{Server, fetch};
use crate::{setup, site};

const USUAL_PORT: u16 = 8080;

/// How to play.
pub struct Options {
    port: u16,
    check: bool,
}

impl Options {
    /// Reads the words after `play`.
    ///
    /// # Errors
    /// A word is not understood.
    pub fn parse(words: &[&str]) -> Result<Self, String> {
        let mut options = Self { port: USUAL_PORT, check: false };
        let mut port_given = false;
        let mut words = words.iter();
        while let Some(word) = words.next() {
            match *word {
                "--check" => options.check = true,
                "--port" => {
                    let number = words.next().copied().unwrap_or_default();
                    options.port = number
                        .parse()
                        .map_err(|_| format!("--port {number:?}: a number from 0 to 65535 was expected"))?;
                    port_given = true;
                }
                other => return Err(format!("play: {other:?} is not known; it takes --port N and --check")),
            }
        }
        if options.check && !port_given {
            // A check disturbs nobody and is disturbed by nobody.
            options.port = 0;
        }
        Ok(options)
    }
}

/// Builds and serves.
///
/// # Errors
/// Something is missing, does not build, or the port cannot be had.
pub fn run(options: &Options) -> Result<(), String> {
    // Before minutes of building, so that a port in use is known at once.
    let server = Server::bind(&root().join("dist"), options.port)?;
    build()?;
    let address = server.address();
    if options.check {
        return check(server);
    }
    println!("\nKafka Playground: {address}\n(Ctrl-C ends it.)");
    server.serve();
    Ok(())
}

/// Builds `dist/` in release, installing what is missing.
///
/// # Errors
/// A tool is missing or the build fails.
pub fn build() -> Result<PathBuf, String> {
    let dist = trunk()?;
    site::complete(&dist)?;
    Ok(dist)
}

/// What Trunk alone makes of it: the program still has the names of its functions.
///
/// # Errors
/// A tool is missing or the build fails.
pub fn trunk() -> Result<PathBuf, String> {
    let tools = setup::page_tools()?;
    println!("==> Building the page (the first time takes 2 to 4 minutes)");
    // Trunk looks wasm-bindgen up on PATH, and would download one of its own if it were not there.
    let folders = [&tools.wasm_bindgen, &tools.trunk].into_iter().filter_map(|tool| tool.parent().map(PathBuf::from));
    let path = std::env::var_os("PATH").unwrap_or_default();
    let path = std::env::join_paths(folders.chain(std::env::split_paths(&path))).map_err(|error| error.to_string())?;
    let mut trunk = program(&tools.trunk);
    trunk.args(["build", "--release", "--offline"]).env("PATH", path);
    // Trunk takes NO_COLOR=1 for an argument that must be true or false.
    trunk.env_remove("NO_COLOR");
    process::run("trunk build", &mut trunk)?;
    Ok(root().join("dist"))
}

/// Builds the page, serves it on a free port and fetches it.
///
/// # Errors
/// It does not build, or is not served as a browser needs it.
pub fn build_and_check() -> Result<(), String> {
    check(Server::bind(&build()?, 0)?)
}

/// Serves the page and fetches it and the program that it names once, as a browser would.
fn check(server: Server) -> Result<(), String> {
    let address = &server.address();
    std::thread::spawn(move || server.serve());
    let page = fetch(address, "")?;
    let text = String::from_utf8_lossy(&page.body).into_owned();
    if page.status != 200 || !page.kind.starts_with("text/html") {
        return Err(format!("{address} answered {} ({}): 200 and text/html were expected", page.status, page.kind));
    }
    for ending in [".wasm", ".js"] {
        let name = named_file(&text, ending).ok_or_else(|| format!("{address}: the page names no {ending} file"))?;
        let file = fetch(address, &name)?;
        let is_right = ending != ".wasm" || (file.kind == "application/wasm" && file.body.starts_with(b"\0asm"));
        if file.status != 200 || !is_right {
            return Err(format!("{address}{name} answered {} ({})", file.status, file.kind));
        }
        println!("ok: {address}{name} ({} bytes, {})", file.body.len(), file.kind);
    }
    println!("ok: {address} ({} bytes, {})", page.body.len(), page.kind);
    Ok(())
}

/// The first file with this ending that the page's text names, without a leading slash or dot.
fn named_file(page: &str, ending: &str) -> Option<String> {
    page.split(['"', '\''])
        .find(|part| part.ends_with(ending))
        .map(|part| part.trim_start_matches("./").trim_start_matches('/').to_owned())
}

#[cfg(test)]
mod tests {
    use super::{Options, named_file};

    #[test]
    fn options_are_read_or_refused_with_what_was_expected() {
        let options = Options::parse(&["--port", "9000", "--check"]).unwrap();
        assert_eq!((options.port, options.check), (9000, true));
        assert_eq!(Options::parse(&[]).unwrap().port, 8080);
        assert!(Options::parse(&["--port", "many"]).err().unwrap().contains("number"));
        assert!(Options::parse(&["--prot"]).err().unwrap().contains("--port N"));
    }

    #[test]
    fn the_page_names_its_program() {
        let page = "<script>import init from '/web-12ab.js'; init({ module_or_path: '/web-12ab_bg.wasm' })</script>";
        assert_eq!(named_file(page, ".wasm").as_deref(), Some("web-12ab_bg.wasm"));
        assert_eq!(named_file(page, ".js").as_deref(), Some("web-12ab.js"));
        assert_eq!(named_file(page, ".css"), None);
    }
}
