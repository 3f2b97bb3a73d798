//! The ensemble, sessions and ephemeral znodes.

use playground_core::view::ProcessState;

use super::Painter;
use super::brush::{Family, Style, Type, fitted, text_width};
use super::marks;
use crate::scene::geometry::at;
use crate::scene::zookeeper_lane::{DISC, Lane, RING, Server, Session};

impl Painter<'_> {
    /// The whole lane.
    pub(super) fn zookeeper(&mut self) {
        let Some(lane) = &self.layout.lane else { return };
        let palette = self.palette;
        let title = Type::new(13.5, palette.ink).weight(600);
        self.brush.text(lane.title, "ZooKeeper", &title);
        let (color, weight) = if lane.no_quorum { (palette.red, 600) } else { (palette.ink2, 400) };
        let room = self.layout.bounds.right() - lane.title.x - 4.0;
        // A path that has no room begins at what tells.
        let whole = text_width(&lane.subtitle, 12.0, Family::Condensed) <= room;
        let subtitle = if whole { lane.subtitle.clone() } else { lane.subtitle.replace(" /brokers/", " ") };
        let words = fitted(&subtitle, room, 12.0, Family::Condensed);
        let kind = Type::new(12.0, color).weight(weight).within(room);
        self.brush.text(lane.title.moved(0.0, 15.0), &words, &kind);
        if lane.no_quorum {
            let beside = text_width("ZooKeeper", 13.5, Family::Condensed) + 14.0;
            marks::cross(self.brush, lane.title.moved(beside, -4.5), 4.5, 2.2, palette.red);
        }
        if let (Some(first), Some(last)) = (lane.servers.first(), lane.servers.last()) {
            self.brush.line(first.centre, last.centre, &Style::stroke(palette.ink, 2.0));
        }
        for session in &lane.sessions {
            self.session(lane, session);
        }
        for server in &lane.servers {
            self.server(server);
        }
    }

    fn server(&mut self, server: &Server) {
        let palette = self.palette;
        let dead = server.state == ProcessState::Dead;
        let (fill, edge, text) = match (dead, server.leads) {
            (true, _) => (palette.desk, palette.red, palette.red),
            (false, true) => (palette.ink, palette.ink, palette.on_ink),
            (false, false) => (palette.row, palette.ink, palette.ink),
        };
        let dash: &'static [f64] = match server.state {
            ProcessState::Running => &[],
            _ => &[4.0, 3.0],
        };
        self.brush.circle(server.centre, DISC, &Style::fill(fill).edged(edge, 1.8).dashed(dash));
        let name = Type::new(13.0, text).weight(600).middle();
        self.brush.text(server.centre.moved(0.0, 4.5), &format!("z{}", server.id), &name);
        if dead {
            marks::cross(self.brush, server.centre.moved(11.0, -11.0), 4.5, 2.2, palette.red);
        }
        let color = if dead { palette.red } else { palette.ink2 };
        let word = Type::new(11.5, color).weight(500).middle().halo(palette.desk);
        self.brush.text(server.centre.moved(0.0, DISC + 13.0), &server.word, &word);
    }

    fn session(&mut self, lane: &Lane, session: &Session) {
        let palette = self.palette;
        let centre = session.centre;
        let end = session.server.and_then(|index| lane.servers.get(index)).map(|server| server.centre);
        if let Some(end) = end.filter(|_| session.expired || session.id.is_some()) {
            let part = |from: f64, to: f64| {
                let way = centre.distance(end).max(1.0);
                (centre.towards(end, from / way), centre.towards(end, 1.0 - to / way))
            };
            let (from, to) = part(RING + 1.0, DISC + 1.0);
            if session.expired {
                let style = Style::stroke(palette.red, 1.4).dashed(&[3.0, 3.0]);
                let broken = (from.towards(to, 0.38), from.towards(to, 0.62));
                self.brush.line(from, broken.0, &style);
                self.brush.line(broken.1, to, &style);
            } else {
                self.brush.line(from, to, &Style::stroke(palette.ink3, 1.2));
            }
        }
        if session.expired {
            self.brush.circle(centre, RING, &Style::fill(palette.desk));
            self.brush.circle(centre, RING, &Style::stroke(palette.red, 3.2).dashed(&[2.4, 2.8]));
            marks::cross(self.brush, centre, 4.6, 2.2, palette.red);
            marks::pennant(self.brush, centre.moved(-6.0, -14.0), palette.red, true);
        } else if session.id.is_some() {
            self.brush.circle(centre, RING + 1.5, &Style::fill(palette.desk));
            marks::ring(self.brush, centre, RING, 3.5, session.left, palette);
            let kind = Type::new(11.0, palette.ink).weight(500).middle();
            self.brush.text(centre.moved(0.0, 4.0), &session.seconds.to_string(), &kind);
            if session.registered {
                marks::pennant(self.brush, centre.moved(-7.0, -14.5), palette.ink, false);
            }
            if session.controller {
                marks::pennant(self.brush, centre.moved(5.0, -14.5), palette.ink, false);
                // Beside the pennant, where a low first row leaves no room above it.
                marks::star(self.brush, centre.moved(20.0, -24.5), 4.6, palette.ink);
            }
        } else {
            self.brush.circle(centre, RING, &Style::stroke(palette.edge, 1.4).dashed(&[3.0, 3.0]));
        }
        let (color, weight) = if session.expired { (palette.red, 600) } else { (palette.ink2, 400) };
        let word = Type::new(11.5, color).weight(weight).middle().halo(palette.desk).within(48.0);
        self.brush.text(at(centre.x, centre.y + 27.0), &session.word, &word);
    }
}
