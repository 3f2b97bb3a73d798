//! A reader of WebAssembly's binary form: what a module imports, and which crates its code comes from.

use std::collections::BTreeMap;

const HEAD: &[u8] = b"\0asm\x01\0\0\0";
const CUSTOM: u8 = 0;
const IMPORT: u8 = 2;
const CODE: u8 = 10;
const DATA: u8 = 11;

/// Sections of a module in order: number and content.
fn sections(module: &[u8]) -> Option<Vec<(u8, &[u8])>> {
    let mut rest = module.strip_prefix(HEAD)?;
    let mut found = Vec::new();
    while let Some((&id, after)) = rest.split_first() {
        rest = after;
        let size = usize::try_from(number(&mut rest)?).ok()?;
        let (section, next) = rest.split_at_checked(size)?;
        found.push((id, section));
        rest = next;
    }
    Some(found)
}

/// What a module imports.
pub struct Import {
    /// The module that it comes from.
    pub from: String,
    /// What it is called there.
    pub name: String,
    is_function: bool,
}

/// Everything that a module imports.
pub fn imports(module: &[u8]) -> Option<Vec<Import>> {
    let sections = sections(module)?;
    let section = sections.iter().find(|(id, _)| *id == IMPORT);
    section.map_or_else(|| Some(Vec::new()), |(_, section)| imports_of(section))
}

fn imports_of(mut section: &[u8]) -> Option<Vec<Import>> {
    let count = number(&mut section)?;
    (0..count)
        .map(|_| {
            let (from, name) = (text(&mut section)?, text(&mut section)?);
            Some(Import { from, name, is_function: skip_kind(&mut section)? == 0 })
        })
        .collect()
}

/// What an import is: its kind, and past it and its type.
fn skip_kind(section: &mut &[u8]) -> Option<u8> {
    let (&kind, after) = section.split_first()?;
    *section = after;
    match kind {
        0 => _ = number(section)?, // a function: its type
        1 => {
            (_, *section) = section.split_first()?; // a table: the type of its elements
            limits(section)?;
        }
        2 => limits(section)?,
        3 => *section = section.get(2..)?, // a global: type and mutability
        _ => return None,
    }
    Some(kind)
}

/// The module without its custom sections, which hold names and notes about tools and no code, its imports called what
/// `short` calls them.
pub fn slim(module: &[u8], short: impl Fn(&str) -> String) -> Option<Vec<u8>> {
    let mut slim = HEAD.to_vec();
    for (id, content) in sections(module)?.into_iter().filter(|(id, _)| *id != CUSTOM) {
        slim.push(id);
        let renamed = if id == IMPORT { renamed(content, &short)? } else { content.to_vec() };
        put_bytes(&mut slim, &renamed);
    }
    Some(slim)
}

/// An import section in which everything has another name.
fn renamed(section: &[u8], short: &impl Fn(&str) -> String) -> Option<Vec<u8>> {
    let mut rest = section;
    let count = number(&mut rest)?;
    let mut own = section.get(..section.len() - rest.len())?.to_vec();
    for _ in 0..count {
        put_bytes(&mut own, text(&mut rest)?.as_bytes());
        put_bytes(&mut own, short(&text(&mut rest)?).as_bytes());
        let what = rest;
        skip_kind(&mut rest)?;
        own.extend_from_slice(what.get(..what.len() - rest.len())?);
    }
    Some(own)
}

/// Bytes with their number before them.
fn put_bytes(to: &mut Vec<u8>, bytes: &[u8]) {
    let mut size = bytes.len();
    while size >= 0x80 {
        to.push((size & 0x7f) as u8 | 0x80);
        size >>= 7;
    }
    to.push(size as u8);
    to.extend_from_slice(bytes);
}

/// What a module weighs, in bytes.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Weight {
    /// Code by crate, the heaviest first; empty if the module has no names.
    pub crates: Vec<(String, u64)>,
    /// All code.
    pub code: u64,
    /// Constants: texts, tables.
    pub data: u64,
}

/// Weighs a module that still has its name section.
pub fn weigh(module: &[u8]) -> Option<Weight> {
    let sections = sections(module)?;
    let content = |wanted: u8| sections.iter().find(|(id, _)| *id == wanted).map_or(&[][..], |(_, content)| content);
    let imported = match content(IMPORT) {
        [] => 0,
        imports => imports_of(imports)?.iter().filter(|import| import.is_function).count() as u64,
    };
    let names = function_names(&sections).unwrap_or_default();
    let mut by_crate: BTreeMap<String, u64> = BTreeMap::new();
    let mut code = content(CODE);
    let whole = code.len() as u64;
    if !code.is_empty() {
        let count = number(&mut code)?;
        for index in 0..count {
            let size = number(&mut code)?;
            code = code.get(usize::try_from(size).ok()?..)?;
            if let Some(name) = names.get(&(imported + index)) {
                *by_crate.entry(crate_of(name).to_owned()).or_default() += size;
            }
        }
    }
    let mut crates: Vec<(String, u64)> = by_crate.into_iter().collect();
    crates.sort_by_key(|(_, size)| std::cmp::Reverse(*size));
    Some(Weight { crates, code: whole, data: content(DATA).len() as u64 })
}

/// Functions' names by number, from the custom section `name`.
fn function_names(sections: &[(u8, &[u8])]) -> Option<BTreeMap<u64, String>> {
    for (_, content) in sections.iter().filter(|(id, _)| *id == CUSTOM) {
        let mut rest = *content;
        if text(&mut rest)? != "name" {
            continue;
        }
        while let Some((&kind, after)) = rest.split_first() {
            rest = after;
            let size = usize::try_from(number(&mut rest)?).ok()?;
            let (mut part, next) = rest.split_at_checked(size)?;
            rest = next;
            if kind == 1 {
                let count = number(&mut part)?;
                return (0..count).map(|_| Some((number(&mut part)?, text(&mut part)?))).collect();
            }
        }
    }
    None
}

/// The crate of a function: `yew` of `<yew::Html as core::clone::Clone>::clone`.
fn crate_of(name: &str) -> &str {
    let start = name.trim_start_matches(['<', '&', '*', '(', '[', ' ']);
    let start = start.strip_prefix("dyn ").or_else(|| start.strip_prefix("mut ")).unwrap_or(start);
    let end = start.find(|letter: char| !letter.is_alphanumeric() && letter != '_').unwrap_or(start.len());
    match start.get(..end) {
        Some(own) if start.get(end..).is_some_and(|rest| rest.starts_with("::")) => own,
        _ => "(others)",
    }
}

fn limits(bytes: &mut &[u8]) -> Option<()> {
    let (&flags, after) = bytes.split_first()?;
    *bytes = after;
    number(bytes)?;
    if flags & 1 == 1 {
        number(bytes)?;
    }
    Some(())
}

fn text(bytes: &mut &[u8]) -> Option<String> {
    let length = usize::try_from(number(bytes)?).ok()?;
    let (own, rest) = bytes.split_at_checked(length)?;
    *bytes = rest;
    Some(String::from_utf8_lossy(own).into_owned())
}

/// An unsigned LEB128.
fn number(bytes: &mut &[u8]) -> Option<u64> {
    let mut value = 0u64;
    for shift in (0..64).step_by(7) {
        let (&byte, rest) = bytes.split_first()?;
        *bytes = rest;
        value |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A module with one imported function, two of its own, a constant, and names.
    fn module() -> Vec<u8> {
        let names = [&[0u8, 27, 4][..], b"name", &[1, 20, 2, 1, 6], b"yew::a", &[2, 9], b"<core::b>"].concat();
        [
            HEAD,
            &[1, 4, 1, 0x60, 0, 0],
            &[2, 11, 1, 3],
            b"env",
            &[3],
            b"now",
            &[0, 0],
            &[10, 8, 2, 2, 0, 0x0b, 3, 0, 1, 0x0b],
            &[11, 1, 0],
            &names,
        ]
        .concat()
    }

    fn told(module: &[u8]) -> Vec<String> {
        imports(module).unwrap().iter().map(|import| format!("{}.{}", import.from, import.name)).collect()
    }

    #[test]
    fn imports_are_found_and_their_absence_too() {
        // A type section, then an import section with one function `env.now` of type 0.
        let with = [HEAD, &[1, 4, 1, 0x60, 0, 0], &[2, 11, 1, 3], b"env", &[3], b"now", &[0, 0]].concat();
        assert_eq!(told(&with), ["env.now"]);
        let without = [HEAD, &[1, 4, 1, 0x60, 0, 0]].concat();
        assert!(told(&without).is_empty());
        assert!(imports(b"no module").is_none());
        assert!(imports(&with[..with.len() - 3]).is_none(), "cut short");
    }

    #[test]
    fn code_is_counted_by_crate() {
        let weight = weigh(&module()).unwrap();
        assert_eq!(weight.crates, [("core".to_owned(), 3), ("yew".to_owned(), 2)]);
        assert_eq!((weight.code, weight.data), (8, 1));
    }

    #[test]
    fn names_are_taken_out_and_nothing_else() {
        let same = |word: &str| word.to_owned();
        let (whole, slim) = (module(), slim(&module(), same).unwrap());
        assert!(whole.starts_with(&slim) && slim.len() == whole.len() - 29);
        let long = [HEAD, &[10, 0x80, 2], &[7; 256]].concat();
        assert_eq!(super::slim(&long, same), Some(long));
        assert_eq!(super::slim(b"no module", same), None);
        let renamed = super::slim(&whole, |word| format!("{word}_and_then_some")).unwrap();
        assert_eq!(told(&renamed), ["env.now_and_then_some"]);
        assert_eq!(weigh(&renamed).map(|weight| (weight.code, weight.data)), Some((8, 1)), "the rest is as it was");
    }

    #[test]
    fn the_crate_is_that_of_the_type() {
        for (name, expected) in [
            ("playground_core::broker::Broker::handle::h12", "playground_core"),
            ("<yew::Html as core::clone::Clone>::clone", "yew"),
            ("<&mut alloc::vec::Vec<T> as core::fmt::Debug>::fmt", "alloc"),
            ("<dyn web_sys::A>::b", "web_sys"),
            ("__rust_alloc", "(others)"),
            ("memcpy", "(others)"),
        ] {
            assert_eq!(crate_of(name), expected, "{name}");
        }
    }
}
