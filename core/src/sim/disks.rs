//! Disks that fill up, fail and are repaired: what a person does to a machine, whoever runs on it.

use std::rc::Rc;

use super::execute::refuse;
use super::process::Process;
use super::world::World;
use crate::broker::{DiskState, LogDir};
use crate::command::{CommandError, NodeRef};
use crate::ids::{Name, NodeId};
use crate::machine::Observation;

impl World {
    /// The directories of a broker's `log.dirs`, whether it runs or not; none for other nodes.
    pub fn log_dirs(&self, node: &NodeId) -> &[LogDir] {
        match self.slot(node).map(|slot| &slot.process) {
            Some(Process::Broker(broker)) => broker.log_dirs(),
            Some(Process::BrokerDown(durable, _)) => &durable.log_dirs,
            _ => &[],
        }
    }

    pub(super) fn change_disk(
        &mut self,
        node: &NodeRef,
        dir: Option<&Name>,
        disk: DiskState,
    ) -> Result<(), CommandError> {
        let id = self.resolve(node)?;
        let NodeId::Broker(broker) = id else {
            return refuse(node, format!("{id} keeps no logs: a broker is expected"));
        };
        let paths: Vec<Name> = self.log_dirs(&id).iter().map(|dir| dir.path.clone()).collect();
        if let Some(dir) = dir.filter(|dir| !paths.contains(dir)) {
            let known = paths.iter().map(|path| &**path).collect::<Vec<_>>().join(", ");
            return refuse(dir, format!("broker {broker} has no such log directory; log.dirs is {known}"));
        }
        if let Some(slot) = self.nodes.get_mut(&id) {
            match &mut Rc::make_mut(slot).process {
                Process::Broker(broker) => broker.set_disk(dir.map(|dir| &**dir), disk),
                Process::BrokerDown(durable, _) => durable.set_disk(dir.map(|dir| &**dir), disk),
                _ => {}
            }
        }
        for path in paths.into_iter().filter(|path| dir.is_none_or(|dir| dir == path)) {
            let disk = disk.name().into();
            self.observe(id.clone(), self.steps, Observation::DiskChanged { broker, dir: path, disk });
        }
        Ok(())
    }
}
