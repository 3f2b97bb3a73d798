//! Why this broker is the controller.

use super::super::ClusterView;
use super::{Answer, WhyView};

pub(super) fn controller(view: &ClusterView) -> Option<WhyView> {
    let value = view.controller.map_or_else(|| "none".to_owned(), |id| id.to_string());
    let answer = Answer::new("Controller", &value)
        .input("/controller names", &value)
        .input("/controller_epoch", view.controller_epoch);
    let broker = view.controller.and_then(|id| view.brokers.iter().find(|broker| broker.id == id));
    let session = broker.and_then(|broker| broker.session.as_ref());
    let owns = session.is_some_and(|session| session.ephemerals.iter().any(|path| path.as_str() == "/controller"));
    let answer = match session {
        Some(session) if owns => answer
            .input("Its znode belongs to session", format!("0x{:x}", session.id))
            .input("zookeeper.session.timeout.ms granted", session.timeout_ms),
        _ => answer,
    };
    let rule = match view.controller {
        Some(id) => format!(
            "{id} created the ephemeral znode /controller first. It stays controller as long as its ZooKeeper session \
             lives; then every broker tries anew, and the first one wins with an epoch that is higher by one."
        ),
        None => "Nobody has created the ephemeral znode /controller: no leader is elected and no ISR is changed until \
                 a broker does."
            .to_owned(),
    };
    answer.because(rule, "KafkaController.elect, KafkaZkClient.registerControllerAndIncrementControllerEpoch")
}
