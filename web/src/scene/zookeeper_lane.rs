//! The ensemble at the right, at the height of the rows, so that sessions run sideways.

use crate::decimal::Within;
use playground_core::ids::BrokerId;
use playground_core::view::{ClusterView, ProcessState, SessionView, ZooKeeperView};

use super::changes;
use super::frame::Frame;
use super::geometry::{Point, Rect, at};
use super::options::SceneOptions;

/// A server of the ensemble.
#[derive(Clone, PartialEq, Debug)]
pub struct Server {
    /// `myid`.
    pub id: u8,
    /// Middle of its disc.
    pub centre: Point,
    /// Whether it runs.
    pub state: ProcessState,
    /// It leads or stands alone.
    pub leads: bool,
    /// What is written below it.
    pub word: String,
}

/// A broker's session.
#[derive(Clone, PartialEq, Debug)]
pub struct Session {
    /// Whose.
    pub broker: BrokerId,
    /// Its id; `None` if there is none.
    pub id: Option<i64>,
    /// Middle of its ring.
    pub centre: Point,
    /// The part of its timeout that is left, 0 to 1.
    pub left: f64,
    /// Whole seconds that are left.
    pub seconds: u64,
    /// The server at the other end of the line.
    pub server: Option<usize>,
    /// `/brokers/ids/N` stands.
    pub registered: bool,
    /// `/controller` stands.
    pub controller: bool,
    /// What is written below it.
    pub word: String,
    /// There is none where there ought to be one: red, crossed, pennant fallen.
    pub expired: bool,
}

/// The lane.
#[derive(Clone, PartialEq, Debug)]
pub struct Lane {
    /// By id.
    pub servers: Vec<Server>,
    /// One a broker.
    pub sessions: Vec<Session>,
    /// Below the title.
    pub subtitle: String,
    /// Fewer than a majority run.
    pub no_quorum: bool,
    /// Where the title begins.
    pub title: Point,
}

impl Lane {
    /// What is written within the rings and discs.
    pub fn round_things(&self) -> Vec<Rect> {
        let square = |centre: Point, radius: f64| Rect::around(centre, radius, radius);
        let rings = self.sessions.iter().map(|session| square(session.centre, RING));
        rings.chain(self.servers.iter().map(|server| square(server.centre, DISC))).collect()
    }
}

/// Radius of a session's ring, in px.
pub const RING: f64 = 12.0;
/// Radius of a server's disc, in px.
pub const DISC: f64 = 15.0;

/// Znodes that came or went in the last step, the most telling first.
fn znode_news(view: &ClusterView, before: &ClusterView) -> Option<String> {
    let serving = |view: &ClusterView| {
        view.zookeeper.iter().find(|z| z.role == "leader".into() || z.role == "standalone".into()).cloned()
    };
    let (now, old) = (serving(view)?, serving(before)?);
    let told = |path: &str| path.starts_with("/brokers/ids/") || path == "/controller";
    let missing = |from: &ZooKeeperView, of: &ZooKeeperView| {
        let gone = |path: &str| !from.znodes.iter().any(|znode| &*znode.path == path);
        of.znodes.iter().map(|znode| znode.path.clone()).find(|path| told(path) && gone(path))
    };
    missing(&now, &old)
        .map(|path| format!("deleted {path}"))
        .or_else(|| missing(&old, &now).map(|path| format!("created {path}")))
}

fn subtitle(view: &ClusterView, opts: &SceneOptions, no_quorum: bool, low: bool) -> String {
    let count = view.zookeeper.len();
    let running = view.zookeeper.iter().filter(|server| server.state == ProcessState::Running).count();
    let majority = count / 2 + 1;
    if no_quorum && running >= majority {
        return "no leader, it is being elected".to_owned();
    }
    if no_quorum {
        return format!("no quorum, {running} of {count}");
    }
    if let Some(news) = opts.previous.as_deref().and_then(|before| znode_news(view, before)) {
        return news;
    }
    match count {
        // The first session's pennants stand there.
        _ if low => String::new(),
        1 => "one server alone".to_owned(),
        _ => format!("any {majority} of {count} can decide"),
    }
}

fn servers(view: &ClusterView, frame: &Frame) -> Vec<Server> {
    let x = frame.zookeeper.right() - 24.0;
    let count = view.zookeeper.len();
    let (top, bottom) = (frame.rows.y, frame.rows.bottom());
    let one_a_row = count == view.brokers.len();
    let place = |(number, server): (usize, &ZooKeeperView)| {
        let y = if one_a_row {
            frame.row(number).centre().y
        } else {
            top + (bottom - top) * (number as f64 + 0.5) / count as f64
        };
        let word = match server.state {
            ProcessState::Running => match &*server.role {
                "follower" => "",
                "looking" => "electing",
                "synchronising" => "catching up",
                "standalone" => "",
                role => role,
            },
            ProcessState::Dead => "down",
            ProcessState::Paused => "paused",
            ProcessState::Starting => "starting",
            ProcessState::Stopping => "stopping",
        };
        Server { id: server.id, centre: at(x, y), state: server.state, leads: server.serves(), word: word.to_owned() }
    };
    view.zookeeper.iter().enumerate().map(place).collect()
}

/// The server that a session's line goes to: the one that its client is connected to; without a
/// session, the one nearest in height that runs.
fn other_end(servers: &[Server], session: Option<&SessionView>, y: f64) -> Option<usize> {
    if let Some(session) = session {
        return servers.iter().position(|server| session.server == Some(server.id));
    }
    let runs = servers.iter().enumerate().filter(|(_, server)| server.state == ProcessState::Running);
    let nearest = runs.min_by(|(_, a), (_, b)| (a.centre.y - y).abs().total_cmp(&(b.centre.y - y).abs()));
    nearest.map(|(index, _)| index)
}

/// The part left of a session, and whole seconds.
fn left(session: &SessionView, view: &ClusterView) -> (f64, u64) {
    let ms = session.expires_at.since(view.now).as_ms();
    let part = if session.timeout_ms == 0 { 0.0 } else { ms as f64 / session.timeout_ms as f64 };
    (part.within(0.0, 1.0), ms.div_ceil(1000))
}

/// The lane, if the ensemble is shown.
pub(super) fn lane(view: &ClusterView, opts: &SceneOptions, frame: &Frame) -> Option<Lane> {
    if !opts.show.zookeeper || view.zookeeper.is_empty() || frame.zookeeper.w <= 0.0 {
        return None;
    }
    let servers = servers(view, frame);
    let x = frame.zookeeper.x + 28.0;
    // A minority that still runs, or cannot reach the others, elects nobody.
    let no_quorum = !view.has_quorum();
    // Between low rows the next session's pennants stand where a word would.
    let low = frame.row_height < 54.0;
    let mut sessions = Vec::new();
    for (number, broker) in view.brokers.iter().enumerate() {
        let centre = at(x, frame.row(number).centre().y);
        let had_one = opts
            .previous
            .as_deref()
            .and_then(|before| changes::broker(before, broker.id))
            .filter(|before| before.session.is_some())
            .map(|before| before.state);
        let (part, seconds) = broker.session.as_ref().map_or((0.0, 0), |session| left(session, view));
        let holds = |path: &str| broker.session.iter().flat_map(|s| s.ephemerals.iter()).any(|own| &**own == path);
        let expired = broker.session.is_none() && broker.state != ProcessState::Starting;
        let word = match (&broker.session, had_one) {
            _ if low => "",
            // Only a leader expires sessions.
            (Some(_), _) if no_quorum => "on hold",
            (Some(_), _) => "session",
            // A process that stops closes its own.
            (None, Some(ProcessState::Stopping)) => "closed",
            (None, Some(_)) => "expired",
            (None, None) if broker.state == ProcessState::Dead => "ended",
            (None, None) => "no session",
        };
        sessions.push(Session {
            broker: broker.id,
            id: broker.session.as_ref().map(|session| session.id),
            centre,
            left: part,
            seconds,
            server: other_end(&servers, broker.session.as_ref(), centre.y),
            registered: broker.registered,
            controller: broker.is_controller && holds("/controller"),
            word: word.to_owned(),
            expired,
        });
    }
    Some(Lane {
        servers,
        sessions,
        subtitle: subtitle(view, opts, no_quorum, low),
        no_quorum,
        title: at(frame.zookeeper.x + 4.0, frame.head.y + 19.0),
    })
}
