//! The options of a tool's line as jopt-simple reads them (`OptionParser(false)`: no abbreviations). Which
//! there are, and whether they take an argument, stands in the tool's own help (`usage/`), which is printed
//! as it is.

use super::address::is_valid;
use super::script::{Flow, Script, Stop};
use super::thrown::Thrown;
use crate::ids::Name;

/// What follows an option's name.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Argument {
    None,
    Optional,
    Required,
}

/// An option of the table in a tool's help.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Known {
    name: &'static str,
    argument: Argument,
}

/// The options of one line.
#[derive(Clone, Debug)]
pub(super) struct Options {
    usage: &'static str,
    given: Vec<(&'static str, Option<String>)>,
    /// Words that belong to no option.
    pub rest: Vec<String>,
}

/// The table under "Option   Description". A name's column may run over several lines.
fn table(usage: &'static str) -> Vec<Known> {
    let mut known: Vec<Known> = Vec::new();
    let mut lines = usage.lines().peekable();
    while let Some(line) = lines.next() {
        let Some(spelled) = line.strip_prefix("--") else { continue };
        let end = spelled.find(' ').unwrap_or(spelled.len());
        let (name, rest) = spelled.split_at(end);
        let rest = rest.strip_prefix(' ').unwrap_or("");
        // What stands behind a long name begins the next line of its column.
        let below = lines.peek().and_then(|next| next.strip_prefix("  <")).map(|_| '<');
        let argument = match rest.chars().next().filter(|c| *c != ' ').or(below) {
            Some('<') => Argument::Required,
            Some('[') => Argument::Optional,
            _ => Argument::None,
        };
        known.push(Known { name, argument });
    }
    known
}

fn misused(class: &str, message: String) -> Thrown {
    Thrown::new(&format!("joptsimple.{class}"), message)
}

impl Options {
    /// Reads the words behind the tool's name.
    pub fn parse(usage: &'static str, words: &[Name]) -> Result<Self, Thrown> {
        let table = table(usage);
        let mut given = Vec::new();
        let mut rest = Vec::new();
        let mut words = words.iter().peekable();
        while let Some(word) = words.next() {
            if &**word == "--" {
                rest.extend(words.map(ToString::to_string));
                break;
            }
            let Some(spelled) = word.strip_prefix("--").or_else(|| word.strip_prefix('-').filter(|n| !n.is_empty()))
            else {
                rest.push(word.to_string());
                continue;
            };
            let (name, value) = match spelled.split_once('=') {
                Some((name, value)) => (name, Some(value.to_owned())),
                None => (spelled, None),
            };
            let Some(known) = table.iter().find(|known| known.name == name) else {
                let message = format!("{name} is not a recognized option");
                return Err(misused("UnrecognizedOptionException", message));
            };
            let value = match (known.argument, value) {
                (Argument::None, None) => None,
                (Argument::None, Some(_)) => {
                    let message = format!("Option {name} does not accept an argument");
                    return Err(misused("OptionArgumentException", message));
                }
                (_, Some(value)) => Some(value),
                (Argument::Required, None) => match words.next() {
                    Some(next) => Some(next.to_string()),
                    None => {
                        let message = format!("Option {name} requires an argument");
                        return Err(misused("OptionMissingRequiredArgumentException", message));
                    }
                },
                (Argument::Optional, None) => words.next_if(|next| !next.starts_with('-')).map(ToString::to_string),
            };
            given.push((known.name, value));
        }
        Ok(Self { usage, given, rest })
    }

    /// True if the option is there.
    pub fn has(&self, name: &str) -> bool {
        self.given.iter().any(|(known, _)| *known == name)
    }

    /// The options that are there, in order.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        self.given.iter().map(|(name, _)| *name)
    }

    /// Which of these are there.
    pub fn count(&self, names: &[&str]) -> usize {
        names.iter().filter(|name| self.has(name)).count()
    }

    /// All values of an option, in order.
    pub fn values(&self, name: &str) -> Vec<String> {
        self.given.iter().filter(|(known, _)| *known == name).filter_map(|(_, value)| value.clone()).collect()
    }

    /// The value of an option that may stand once at most.
    pub fn value(&self, name: &str) -> Flow<Option<String>> {
        let mut values = self.values(name);
        if values.len() > 1 {
            let message = format!("Found multiple arguments for option {name}, but you asked for only one");
            return Err(misused("MultipleArgumentsForOptionException", message).into());
        }
        Ok(values.pop())
    }

    /// The value as it was given, which must be a number if the help says so.
    pub fn checked(&self, name: &str) -> Flow<Option<String>> {
        let kind = self.usage.split_once(&format!("\n--{name} <")).map_or("", |(_, kind)| kind);
        if kind.starts_with("Integer") || kind.starts_with("Long") {
            self.number::<i64>(name)?;
        }
        self.value(name)
    }

    /// The value of an option that is a number.
    pub fn number<T: std::str::FromStr>(&self, name: &str) -> Flow<Option<T>> {
        let Some(text) = self.value(name)? else { return Ok(None) };
        match text.parse() {
            Ok(number) => Ok(Some(number)),
            Err(_) => {
                let message = format!("Cannot parse argument '{text}' of option {name}");
                let mut thrown = misused("OptionArgumentConversionException", message);
                let cause = Thrown::new("java.lang.NumberFormatException", format!("For input string: \"{text}\""));
                thrown.cause = Some(Box::new(Thrown::wrapped("joptsimple.internal.ReflectionException", cause)));
                Err(thrown.into())
            }
        }
    }

    /// `availableIf`: who may only stand beside one of the others.
    pub fn available(&self, name: &str, others: &[&str]) -> Result<(), Thrown> {
        if self.has(name) && self.count(others) == 0 {
            let message = format!("Option(s) [{name}] are unavailable given other options on the command line");
            return Err(misused("UnavailableOptionException", message));
        }
        Ok(())
    }

    /// `CommandLineUtils.printUsageAndExit`: the message, the table, status 1.
    pub fn refuse<T>(&self, script: &mut Script<'_>, message: &str) -> Flow<T> {
        refuse(self.usage, script, message)
    }

    /// `ToolsUtils.validatePortOrExit` of the brokers' addresses.
    pub fn valid_port(&self, script: &mut Script<'_>) -> Flow<()> {
        let list = self.value("bootstrap-server")?.or(self.value("broker-list")?);
        match list.is_none_or(|list| is_valid(&list)) {
            true => Ok(()),
            false => self.refuse(script, "Please provide valid host:port like host1:9091,host2:9092"),
        }
    }

    /// `maybePrintHelpOrVersion`; the help's first line is its own.
    pub fn help_or_version(&self, script: &mut Script<'_>) -> Flow<()> {
        if self.has("help") || (self.given.is_empty() && self.rest.is_empty()) {
            return refuse_whole(self.usage, script, 1);
        }
        if self.has("version") {
            script.say("3.9.1");
            return Err(Stop::Exit(0));
        }
        Ok(())
    }

    /// `checkRequiredArgs`
    pub fn required(&self, script: &mut Script<'_>, names: &[&str]) -> Flow<()> {
        match names.iter().find(|name| !self.has(name)) {
            Some(name) => self.refuse(script, &format!("Missing required argument \"[{name}]\"")),
            None => Ok(()),
        }
    }

    /// `checkInvalidArgs`
    pub fn invalid(&self, script: &mut Script<'_>, used: &str, others: &[&str]) -> Flow<()> {
        match others.iter().find(|other| self.has(used) && self.has(other)) {
            Some(other) => self.refuse(script, &format!("Option \"[{used}]\" can't be used with option \"[{other}]\"")),
            None => Ok(()),
        }
    }
}

/// The message, the help's table, status 1.
pub(super) fn refuse<T>(usage: &'static str, script: &mut Script<'_>, message: &str) -> Flow<T> {
    script.err(message);
    for line in usage.lines().skip_while(|line| !line.starts_with("Option ")) {
        script.err(line);
    }
    Err(Stop::Exit(1))
}

/// The whole help, and this status.
pub(super) fn refuse_whole<T>(usage: &'static str, script: &mut Script<'_>, status: i32) -> Flow<T> {
    for line in usage.lines() {
        script.err(line);
    }
    Err(Stop::Exit(status))
}
