//! `zookeeper-shell.sh` (`ZooKeeperMain`): one command, or those that it reads.
//!
//! Simplified: watches (`-w`, `addWatch`) are not waited for; ACLs are those of an open cluster. Leaves out
//! the setting of quotas, reconfiguration and authentication.

use super::moment;
use super::options::refuse_whole;
use super::script::{Ask, Flow, Script, Stop};
use crate::beside::{Beside, beside};
use crate::ids::Name;
use crate::protocol::zookeeper::{CreateMode, Stat, ZkError, ZkOp, ZkResult};

pub(super) const USAGE: Beside = beside!("shell/usage/zookeeper-shell.txt");
const VERSION: &str =
    "ZooKeeper CLI version: 3.8.4-9316c2a7a97e1666d8f4593f34dd6fc36ecc436c, built on 2024-02-12 22:16 UTC";

pub(super) fn main(script: &mut Script<'_>) -> Flow<()> {
    let (servers, words) = match script.words() {
        [] => ("localhost:2181".into(), &[][..]),
        [servers, words @ ..] => (servers.clone(), words),
    };
    if script.words().is_empty() {
        script.err("Error: no argument found for option -server");
    }
    script.say(&format!("Connecting to {servers}"));
    let mut session = Session { servers, state: State::New, silent: false, history: Vec::new(), made: Vec::new() };
    if !words.is_empty() {
        return session.run(script, words);
    }
    script.say("Welcome to ZooKeeper!");
    script.say("JLine support is disabled");
    let input = script.line.stdin.clone().unwrap_or_else(|| "".into());
    let mut outcome = Ok(());
    for line in input.lines() {
        let words: Vec<Name> = line.split_whitespace().map(Name::from).collect();
        if words.is_empty() {
            continue;
        }
        session.history.push(line.into());
        let done = session.run(script, &words);
        if matches!(done, Err(Stop::Waiting)) {
            return done;
        }
        if words.first().is_some_and(|word| &**word == "quit") {
            // Its status is that of the command before.
            break;
        }
        outcome = done;
    }
    outcome
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    New,
    Stands,
    Closed,
}

/// The session of one run.
struct Session {
    servers: Name,
    state: State,
    /// `printwatches off`
    silent: bool,
    /// The lines that it has read; what was done again stands for `redo`.
    history: Vec<Name>,
    /// Ephemeral znodes of its own.
    made: Vec<Name>,
}

/// A command's words: its flags, the version, and what is left.
struct Words<'a> {
    flags: Vec<char>,
    version: Option<i32>,
    rest: Vec<&'a str>,
}

impl Words<'_> {
    fn has(&self, flag: char) -> bool {
        self.flags.contains(&flag)
    }
}

/// The line of a command in the help.
fn usage_of(command: &str) -> Option<&'static str> {
    let lines = USAGE.text().lines().skip(1).map(str::trim);
    lines.into_iter().find(|line| line.split(' ').next() == Some(command))
}

fn failed<T>(script: &mut Script<'_>, message: &str) -> Flow<T> {
    script.err(message);
    Err(Stop::Exit(1))
}

/// Reads a command's words, which may have these flags.
fn read<'a>(script: &mut Script<'_>, usage: &str, words: &'a [Name]) -> Flow<Words<'a>> {
    let mut read = Words { flags: Vec::new(), version: None, rest: Vec::new() };
    let mut words = words.iter();
    while let Some(word) = words.next() {
        let flag = word.strip_prefix('-').filter(|flag| !flag.is_empty());
        match flag {
            Some("v") if usage.contains("[-v version]") => {
                let Some(version) = words.next() else {
                    let message = "org.apache.commons.cli.MissingArgumentException: Missing argument for option: v";
                    return failed(script, message);
                };
                match version.parse() {
                    Ok(version) => read.version = Some(version),
                    Err(_) => return failed(script, usage),
                }
            }
            Some("m") if usage.contains("[-m mode]") => {
                if !words.next().is_some_and(|mode| ["PERSISTENT", "PERSISTENT_RECURSIVE"].contains(&&**mode)) {
                    return failed(script, usage);
                }
            }
            Some(flag) if [']', '|'].iter().any(|end| usage.contains(&format!("-{flag}{end}"))) => {
                read.flags.extend(flag.chars())
            }
            Some(_) => {
                let message =
                    format!("org.apache.commons.cli.UnrecognizedOptionException: Unrecognized option: {word}");
                return failed(script, &message);
            }
            None => read.rest.push(word),
        }
    }
    Ok(read)
}

/// `PathUtils.validatePath`
fn check_path(path: &str) -> Result<(), String> {
    if path.is_empty() {
        return Err("Path length must be > 0".to_owned());
    }
    if !path.starts_with('/') {
        return Err("Path must start with / character".to_owned());
    }
    if path != "/" && path.ends_with('/') {
        return Err("Path must not end with / character".to_owned());
    }
    match path.find("//") {
        Some(at) => Err(format!("Invalid path string \"{path}\" caused by empty node name specified @{}", at + 1)),
        None => Ok(()),
    }
}

impl Session {
    fn run(&mut self, script: &mut Script<'_>, words: &[Name]) -> Flow<()> {
        let (Some(command), arguments) = (words.first(), words.get(1..).unwrap_or_default()) else { return Ok(()) };
        let Some(usage) = usage_of(command) else {
            let refused = refuse_whole(USAGE.text(), script, 127);
            script.err(&format!("Command not found: Command not found {command}"));
            return refused;
        };
        match &**command {
            "quit" => return self.close(script),
            "redo" => self.redo(script, arguments.first())?,
            "history" if self.history.is_empty() => script.say("0 - null"),
            "history" => {
                let first = self.history.len().saturating_sub(11);
                let lines = self.history.iter().enumerate().skip(first);
                lines.for_each(|(number, line)| script.say(&format!("{number} - {line}")));
            }
            "printwatches" => match arguments.first() {
                Some(word) => self.silent = &**word != "on",
                None => script.say(if self.silent { "printwatches is off" } else { "printwatches is on" }),
            },
            "connect" => {
                self.close(script)?;
                self.state = State::New;
                self.servers = arguments.first().unwrap_or(&self.servers).clone();
            }
            _ => {}
        }
        if self.state == State::Closed {
            script.say("Not connected");
            return Ok(());
        }
        match &**command {
            "redo" | "history" | "printwatches" | "connect" => return Ok(()),
            "version" => {
                script.say(VERSION);
                return Ok(());
            }
            "close" => return self.close(script),
            "addauth" => return if arguments.is_empty() { failed(script, usage) } else { Ok(()) },
            "whoami" => {
                self.connect(script)?;
                script.say("Auth scheme: User\nip: client");
                return Ok(());
            }
            _ => {}
        }
        let words = read(script, usage, arguments)?;
        let wanted = usage.split(' ').filter(|word| matches!(*word, "path" | "data" | "acl")).count();
        if words.rest.len() < wanted {
            return failed(script, usage);
        }
        let Some(path) = words.rest.first().copied() else { return failed(script, usage) };
        if let ("ls" | "get" | "stat", Some(_)) = (&**command, words.rest.get(1)) {
            let instead = match &**command {
                "get" => "get [-s] [-w] path",
                "ls" => "ls [-w] path",
                _ => "stat [-w] path",
            };
            script.err(&format!("'{command} path [watch]' has been deprecated. Please use '{instead}' instead."));
        }
        let limits = format!("/zookeeper/quota{path}/zookeeper_limits");
        let quota = &**command == "listquota";
        if quota {
            script.err(&format!("absolute path is {limits}"));
        }
        if let Err(message) = check_path(if quota { &limits } else { path }) {
            return failed(script, &message);
        }
        self.connect(script)?;
        let path = Name::from(path);
        match &**command {
            "ls" if words.has('R') => {
                let tree = self.tree(script, &path)?;
                tree.iter().for_each(|path| script.say(path));
            }
            "ls" => self.list(script, &path, words.has('s'))?,
            "get" => {
                let ZkResult::Data { data, stat } = ask(script, &path, data_of(&path))? else { return Ok(()) };
                script.say(if data.is_empty() { "null" } else { &data });
                print_stat(script, words.has('s').then_some(&stat));
            }
            "stat" => {
                let op = ZkOp::Exists { path: path.clone(), watch: false };
                if let ZkResult::Exists(stat) = ask(script, &path, op)? {
                    print_stat(script, Some(&stat));
                }
            }
            "create" => self.create(script, &path, &words)?,
            "set" => {
                let data = words.rest.get(1).copied().unwrap_or("").into();
                let op = ZkOp::SetData { path: path.clone(), data, version: words.version.unwrap_or(-1) };
                if let ZkResult::Set(stat) = ask(script, &path, op)? {
                    print_stat(script, words.has('s').then_some(&stat));
                }
            }
            "delete" if &*path == "/" => return refused(script, &path, ZkError::BadArguments),
            "delete" => {
                let op = ZkOp::Delete { path: path.clone(), version: words.version.unwrap_or(-1) };
                ask(script, &path, op)?;
            }
            "deleteall" => {
                let tree = self.tree(script, &path)?;
                for path in tree.iter().rev() {
                    ask(script, path, ZkOp::Delete { path: path.clone(), version: -1 })?;
                }
            }
            "getAllChildrenNumber" => {
                let tree = self.tree(script, &path)?;
                script.say(&tree.len().saturating_sub(1).to_string());
            }
            "getEphemerals" => {
                let below = |made: &&Name| made.starts_with(&*path);
                let made: Vec<&str> = self.made.iter().filter(below).map(|made| &**made).collect();
                script.say(&format!("[{}]", made.join(", ")));
            }
            "sync" => {
                ask(script, &path, ZkOp::Sync { path: path.clone() })?;
                script.say("Sync is OK");
            }
            "getAcl" => {
                let ZkResult::Data { stat, .. } = ask(script, &path, data_of(&path))? else { return Ok(()) };
                script.say("'world,'anyone\n: cdrwa");
                print_stat(script, words.has('s').then_some(&stat));
            }
            "setAcl" if words.rest.get(1) == Some(&"world:anyone:cdrwa") => {
                ask(script, &path, data_of(&path))?;
            }
            "addWatch" => {}
            "removewatches" => return failed(script, &format!("KeeperErrorCode = No such watcher for {path}")),
            "listquota" => script.err(&format!("quota for {path} does not exist.")),
            "delquota" => script.say(&format!("Quota does not exist for {path}")),
            other => return failed(script, &format!("{other} is not simulated")),
        }
        Ok(())
    }

    /// A command of before once more.
    fn redo(&mut self, script: &mut Script<'_>, number: Option<&Name>) -> Flow<()> {
        let Some(number) = number else { return Ok(()) };
        let before = self.history.len().saturating_sub(1);
        let number = number.parse::<usize>().ok().filter(|number| *number < before);
        let Some(line) = number.and_then(|number| self.history.get(number).cloned()) else {
            return failed(script, "Command index out of range");
        };
        let words: Vec<Name> = line.split_whitespace().map(Name::from).collect();
        if words.first().is_some_and(|word| &**word == "redo") {
            return failed(script, "No redoing redos");
        }
        if let Some(last) = self.history.last_mut() {
            *last = line;
        }
        match self.run(script, &words) {
            Err(Stop::Waiting) => Err(Stop::Waiting),
            _ => Ok(()),
        }
    }

    fn close(&mut self, script: &mut Script<'_>) -> Flow<()> {
        if self.state != State::Closed {
            self.connect(script)?;
            self.announce(script, "Closed");
            self.state = State::Closed;
        }
        Ok(())
    }

    fn announce(&self, script: &mut Script<'_>, state: &str) {
        if !self.silent {
            script.say(&format!("\nWATCHER::\n\nWatchedEvent state:{state} type:None path:null"));
        }
    }

    fn connect(&mut self, script: &mut Script<'_>) -> Flow<()> {
        if self.state == State::Stands {
            return Ok(());
        }
        let number = |server: &str| {
            let host = server.split(':').next().unwrap_or("");
            let digits = host.trim_start_matches(|c: char| !c.is_ascii_digit());
            digits.parse().ok()
        };
        script.reply(Ask::Session(self.servers.split(',').filter_map(number).collect()))?;
        self.state = State::Stands;
        self.announce(script, "SyncConnected");
        Ok(())
    }

    fn list(&self, script: &mut Script<'_>, path: &Name, with_stat: bool) -> Flow<()> {
        let op = ZkOp::GetChildren { path: path.clone(), watch: false };
        let ZkResult::Children(children) = ask(script, path, op)? else { return Ok(()) };
        let children: Vec<&str> = children.iter().map(|child| &**child).collect();
        script.say(&format!("[{}]", children.join(", ")));
        if with_stat
            && let ZkResult::Exists(stat) = ask(script, path, ZkOp::Exists { path: path.clone(), watch: false })?
        {
            print_stat(script, Some(&stat));
        }
        Ok(())
    }

    /// A znode and all below it: the children of each before theirs (`ZKUtil.visitSubTreeDFS`).
    fn tree(&self, script: &mut Script<'_>, root: &Name) -> Flow<Vec<Name>> {
        let mut families: Vec<(Name, Vec<Name>)> = Vec::new();
        let mut level = vec![root.clone()];
        while !level.is_empty() {
            let ops = level.iter().map(|path| ZkOp::GetChildren { path: path.clone(), watch: false });
            let answers = script.zookeeper_all(ops.collect())?;
            let mut next = Vec::new();
            for (path, answer) in level.into_iter().zip(answers) {
                let children = match answer {
                    Ok(ZkResult::Children(children)) => children,
                    Err(error) if path == *root => return refused(script, &path, error),
                    _ => continue,
                };
                let parent = if &*path == "/" { "" } else { &path };
                let children: Vec<Name> =
                    children.iter().map(|child| Name::from(format!("{parent}/{child}"))).collect();
                next.extend(children.iter().cloned());
                families.push((path, children));
            }
            level = next;
        }
        let mut tree = vec![root.clone()];
        let mut open = vec![root.clone()];
        while let Some(path) = open.pop() {
            let Some((_, children)) = families.iter().find(|(parent, _)| *parent == path) else { continue };
            tree.extend(children.iter().cloned());
            open.extend(children.iter().rev().cloned());
        }
        Ok(tree)
    }

    fn create(&mut self, script: &mut Script<'_>, path: &Name, words: &Words<'_>) -> Flow<()> {
        let mode = match (words.has('e'), words.has('s')) {
            (false, false) => CreateMode::Persistent,
            (true, false) => CreateMode::Ephemeral,
            (false, true) => CreateMode::PersistentSequential,
            (true, true) => CreateMode::EphemeralSequential,
        };
        let data = words.rest.get(1).copied().unwrap_or("").into();
        let created = ask(script, path, ZkOp::Create { path: path.clone(), data, mode })?;
        let ZkResult::Created { path, .. } = created else { return Ok(()) };
        script.err(&format!("Created {path}"));
        if words.has('e') {
            self.made.push(path);
        }
        Ok(())
    }
}

fn data_of(path: &Name) -> ZkOp {
    ZkOp::GetData { path: path.clone(), watch: false }
}

/// One operation; its error is told and ends the command.
fn ask(script: &mut Script<'_>, path: &Name, op: ZkOp) -> Flow<ZkResult> {
    match script.zookeeper(op)? {
        Ok(result) => Ok(result),
        Err(error) => refused(script, path, error),
    }
}

fn refused<T>(script: &mut Script<'_>, path: &Name, error: ZkError) -> Flow<T> {
    let message = match error {
        ZkError::NoNode => format!("Node does not exist: {path}"),
        ZkError::NoChildrenForEphemerals => format!("Ephemerals cannot have children: {path}"),
        ZkError::NodeExists => format!("Node already exists: {path}"),
        ZkError::NotEmpty => format!("Node not empty: {path}"),
        ZkError::BadVersion => format!("version No is not valid : {path}"),
        ZkError::BadArguments => format!("Arguments are not valid : {path}"),
        other => format!("KeeperErrorCode = {} for {path}", other.name()),
    };
    failed(script, &message)
}

fn print_stat(script: &mut Script<'_>, stat: Option<&Stat>) {
    let Some(stat) = stat else { return };
    script.say(&format!("cZxid = 0x{:x}", stat.czxid));
    script.say(&format!("ctime = {}", moment::date_text(stat.ctime_ms)));
    script.say(&format!("mZxid = 0x{:x}", stat.mzxid));
    script.say(&format!("mtime = {}", moment::date_text(stat.mtime_ms)));
    script.say(&format!("pZxid = 0x{:x}", stat.pzxid));
    script.say(&format!("cversion = {}", stat.cversion));
    script.say(&format!("dataVersion = {}", stat.version));
    script.say("aclVersion = 0");
    script.say(&format!("ephemeralOwner = 0x{:x}", stat.ephemeral_owner));
    script.say(&format!("dataLength = {}", stat.data_length));
    script.say(&format!("numChildren = {}", stat.num_children));
}
