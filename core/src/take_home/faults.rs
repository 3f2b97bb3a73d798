//! Faults of the network as lines of the script, each with the line that takes it back.
//!
//! They belong to the link and outlive a process; a container has a network of its own for as long as it runs. So what
//! stands is made anew when a node is started, and nothing is done to the network of one that does not run.

use super::lines::Line;
use super::shell::{address, service};
use crate::ids::NodeId;
use crate::sim::ProcState;
use crate::timeline::Timeline;

/// So many links of one node can be slow at once: what `tc`'s `prio` has bands for, less the one for all others.
const BANDS_MAX: u32 = 16;

/// What one node's network does.
#[derive(Clone, PartialEq, Eq, Debug)]
enum What {
    /// It hears nothing from this address.
    Deaf(String),
    /// It hears nobody.
    DeafToAll,
    /// What it sends to this address takes so many ms longer; it goes through a band of its own.
    Slow(String, u64, u32),
}

/// A rule in one node's network.
#[derive(Clone, Debug)]
struct Rule {
    node: NodeId,
    service: String,
    what: What,
}

impl Rule {
    fn made(&self) -> Line {
        let service = &self.service;
        Line::Shell(match &self.what {
            What::Deaf(from) => format!("net {service} iptables -A INPUT -s {from} -j DROP"),
            What::DeafToAll => format!("net {service} iptables -A INPUT ! -i lo -j DROP"),
            What::Slow(to, ms, band) => format!(
                "net {service} sh -c 'tc qdisc add dev eth0 root handle 1: prio bands {BANDS_MAX} \
                 priomap 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 2>/dev/null; \
                 tc qdisc add dev eth0 parent 1:{band:x} netem delay {ms}ms && \
                 tc filter add dev eth0 parent 1: protocol ip prio {band} u32 match ip dst {to} flowid 1:{band:x}'"
            ),
        })
    }

    fn taken_back(&self) -> Line {
        let service = &self.service;
        Line::Shell(match &self.what {
            What::Deaf(from) => format!("net {service} iptables -D INPUT -s {from} -j DROP"),
            What::DeafToAll => format!("net {service} iptables -D INPUT ! -i lo -j DROP"),
            What::Slow(_, _, band) => format!(
                "net {service} sh -c 'tc filter del dev eth0 parent 1: prio {band}; tc qdisc del dev eth0 parent 1:{band:x}'"
            ),
        })
    }
}

/// What stands, with the fault's number.
#[derive(Clone, Debug, Default)]
pub(super) struct Faults {
    standing: Vec<(u32, Rule)>,
}

fn runs(node: &NodeId, at: &Timeline) -> bool {
    at.world().slot(node).is_some_and(|slot| slot.state != ProcState::Dead)
}

impl Faults {
    /// `a` no longer hears `b`, and `b` no longer `a`. `None`: one of them has no network of its own in the Compose file.
    pub(super) fn cut(&mut self, a: &NodeId, b: &NodeId, one_way: bool, at: &Timeline) -> Option<Vec<Line>> {
        let deaf = |a: &NodeId, b: &NodeId| rule(a, What::Deaf(address(b, at.genesis())?));
        let mut rules = vec![deaf(a, b)?];
        if !one_way {
            rules.push(deaf(b, a)?);
        }
        Some(self.add(rules, at))
    }

    /// `node` hears nobody.
    pub(super) fn isolate(&mut self, node: &NodeId, at: &Timeline) -> Option<Vec<Line>> {
        let rules = vec![rule(node, What::DeafToAll)?];
        Some(self.add(rules, at))
    }

    /// What `a` and `b` send each other takes longer. `None` also where one of them has too many slow links, or this one
    /// is slow already: here such times add up.
    pub(super) fn delay(&mut self, a: &NodeId, b: &NodeId, ms: u64, at: &Timeline) -> Option<Vec<Line>> {
        let slow = |a: &NodeId, b: &NodeId| {
            let to = address(b, at.genesis())?;
            let of_node = || self.standing.iter().map(|(_, rule)| rule).filter(|rule| rule.node == *a);
            if of_node().any(|rule| matches!(&rule.what, What::Slow(known, ..) if *known == to)) {
                return None;
            }
            let taken = |band: u32| of_node().any(|rule| matches!(rule.what, What::Slow(_, _, known) if known == band));
            let band = (2..=BANDS_MAX).find(|band| !taken(*band))?;
            rule(a, What::Slow(to, ms, band))
        };
        let rules = vec![slow(a, b)?, slow(b, a)?];
        Some(self.add(rules, at))
    }

    /// One fault ends, or all do.
    pub(super) fn heal(&mut self, which: Option<u32>, at: &Timeline) -> Vec<Line> {
        let mut lines = Vec::new();
        self.standing.retain(|(id, rule)| {
            let ends = which.is_none_or(|one| one == *id);
            if ends && runs(&rule.node, at) {
                lines.push(rule.taken_back());
            }
            !ends
        });
        lines
    }

    /// The node runs again, in a network without rules.
    pub(super) fn anew(&self, node: &NodeId) -> Vec<Line> {
        self.standing.iter().filter(|(_, rule)| rule.node == *node).map(|(_, rule)| rule.made()).collect()
    }

    fn add(&mut self, rules: Vec<Rule>, at: &Timeline) -> Vec<Line> {
        let id = at.world().network().fault_count + 1;
        let mut lines = Vec::new();
        for rule in rules {
            if runs(&rule.node, at) {
                lines.push(rule.made());
            }
            self.standing.push((id, rule));
        }
        lines
    }
}

fn rule(node: &NodeId, what: What) -> Option<Rule> {
    Some(Rule { node: node.clone(), service: service(node)?, what })
}
