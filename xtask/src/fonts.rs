//! The page's typefaces, IBM Plex under the Open Font License, from their npm packages: Latin subsets beside the
//! page, under names that tell their content, and a style sheet that names them. Nothing of them is committed.
//! Where Node or the packages cannot be had, the page is written in the system's fonts, and that is said.

use std::path::Path;

use crate::{setup, site};

/// Family, package, weights that the style sheets and the picture use.
const FACES: [(&str, &str, &[u32]); 4] = [
    ("IBM Plex Sans", "ibm-plex-sans", &[400, 500, 600]),
    ("IBM Plex Sans Condensed", "ibm-plex-sans-condensed", &[400, 500, 600]),
    ("IBM Plex Mono", "ibm-plex-mono", &[400, 500]),
    ("IBM Plex Serif", "ibm-plex-serif", &[600]),
];
/// Where the packages are.
const FOLDER: &str = "xtask/fonts";
/// The licence has to go where the fonts go.
const LICENCE: &str = "fonts-licence.txt";

/// Puts them where Trunk gathers the page; Trunk calls this after each build (`Trunk.toml`).
///
/// # Errors
/// Not called by Trunk, or a file cannot be read or written.
pub fn for_trunk() -> Result<(), String> {
    let folder = std::env::var("TRUNK_STAGING_DIR")
        .map_err(|_| "TRUNK_STAGING_DIR is not set: `cargo xtask fonts` is called by Trunk".to_owned())?;
    let why = "the page's typefaces; without them it is written in the system's fonts";
    let packages = setup::node().and_then(|_| setup::node_packages_of(FOLDER, "IBM Plex", why));
    match packages {
        Ok(packages) => write(Path::new(&folder), &packages.join("node_modules/@fontsource")),
        Err(why) => {
            println!("==> The typefaces are left out, the page is written in the system's fonts: {why}");
            Ok(())
        }
    }
}

fn write(folder: &Path, packages: &Path) -> Result<(), String> {
    let mut sheet = String::new();
    for (family, package, weights) in FACES {
        for weight in weights {
            let name = format!("{package}-latin-{weight}-normal");
            let bytes = read(&packages.join(package).join(format!("files/{name}.woff2")))?;
            let file = format!("{name}-{:016x}.woff2", digest(&bytes));
            copy(&folder.join(&file), &bytes)?;
            sheet.push_str(&face(family, *weight, &file));
        }
    }
    copy(&folder.join(LICENCE), &read(&packages.join("ibm-plex-sans/LICENSE"))?)?;
    let name = format!("fonts-{:016x}.css", digest(sheet.as_bytes()));
    site::write(&folder.join(&name), &sheet)?;
    let page = folder.join("index.html");
    let html = String::from_utf8(read(&page)?).map_err(|error| format!("{}: {error}", page.display()))?;
    site::write(&page, &linked(&html, &name)?)
}

/// Text is there at once in the system's fonts and changes when these arrive.
fn face(family: &str, weight: u32, file: &str) -> String {
    format!(
        "@font-face {{ font-family: \"{family}\"; font-style: normal; font-weight: {weight}; font-display: swap; \
         src: url({file}) format(\"woff2\"); }}\n"
    )
}

/// The page with the sheet behind its text, which does not wait for it.
fn linked(html: &str, sheet: &str) -> Result<String, String> {
    let Some((before, after)) = html.rsplit_once("</body>") else { return Err("index.html has no </body>".into()) };
    Ok(format!("{before}<link rel=\"stylesheet\" href=\"./{sheet}\">\n</body>{after}"))
}

fn read(path: &Path) -> Result<Vec<u8>, String> {
    std::fs::read(path).map_err(|error| format!("{}: {error}", path.display()))
}

fn copy(path: &Path, bytes: &[u8]) -> Result<(), String> {
    std::fs::write(path, bytes).map_err(|error| format!("{}: {error}", path.display()))
}

/// FNV-1a of 64 bits: it tells contents apart, it proves nothing.
fn digest(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::process::root;

    #[test]
    fn the_sheet_is_linked_behind_the_text() {
        let html = linked("<html><body><p>text</p></body></html>", "fonts-1.css").unwrap();
        assert_eq!(html, "<html><body><p>text</p><link rel=\"stylesheet\" href=\"./fonts-1.css\">\n</body></html>");
        assert!(linked("<html>", "fonts-1.css").is_err());
    }

    #[test]
    fn every_family_is_one_that_the_style_sheets_name() {
        let tokens = std::fs::read_to_string(root().join("assets/css/tokens.css")).unwrap();
        for (family, ..) in FACES {
            assert!(tokens.contains(&format!("\"{family}\"")), "{family}");
        }
    }

    #[test]
    fn files_are_copied_under_names_of_their_content() {
        let folder = std::env::temp_dir().join(format!("playground-fonts-{}", std::process::id()));
        let (packages, page) = (folder.join("packages"), folder.join("page"));
        for (_, package, weights) in FACES {
            let files = packages.join(package).join("files");
            std::fs::create_dir_all(&files).unwrap();
            for weight in weights {
                std::fs::write(files.join(format!("{package}-latin-{weight}-normal.woff2")), "a").unwrap();
            }
        }
        std::fs::write(packages.join("ibm-plex-sans/LICENSE"), "OFL").unwrap();
        std::fs::create_dir_all(&page).unwrap();
        std::fs::write(page.join("index.html"), "<body></body>").unwrap();
        write(&page, &packages).unwrap();
        let html = std::fs::read_to_string(page.join("index.html")).unwrap();
        let sheet = html.split("href=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap();
        let sheet = std::fs::read_to_string(page.join(sheet)).unwrap();
        assert!(sheet.contains("url(ibm-plex-mono-latin-400-normal-af63dc4c8601ec8c.woff2)"));
        assert!(sheet.lines().all(|line| line.contains("font-display: swap")));
        assert!(page.join("ibm-plex-serif-latin-600-normal-af63dc4c8601ec8c.woff2").is_file());
        assert!(page.join(LICENCE).is_file());
        std::fs::remove_dir_all(folder).unwrap();
    }
}
