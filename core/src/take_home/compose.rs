//! The Compose file: the same brokers with the same configs, the same ensemble, and a container for the tools.

use super::KAFKA_VERSION;
use super::shell::{address, addresses, ensemble};
use crate::ids::{BrokerId, Name, NodeId};
use crate::json::quoted;
use crate::sim::Genesis;
use crate::zookeeper::{INIT_LIMIT, SYNC_LIMIT};

/// The server that Kafka 3.9 is built against.
const ZOOKEEPER_VERSION: &str = "3.8.4";
/// A broker's memory: many of them have to fit on one machine.
const HEAP: &str = "-Xms256m -Xmx512m";

/// The file.
pub(super) fn compose(genesis: &Genesis, title: &str) -> String {
    let (brokers, servers) = (genesis.brokers.len(), genesis.zookeeper);
    let mut out = format!(
        "# {title}: {brokers} broker{} of Apache Kafka {KAFKA_VERSION} and {servers} ZooKeeper server{}, as in the Kafka Playground.\n\
         # run.sh beside this file starts and drives it; `docker compose down` removes it.\n\
         name: kafka-playground\n\n\
         x-kafka: &kafka\n  image: apache/kafka:{KAFKA_VERSION}\n  user: root\n  environment:\n    KAFKA_HEAP_OPTS: {}\n\n\
         services:\n",
        if brokers == 1 { "" } else { "s" },
        if servers == 1 { "" } else { "s" },
        scalar(HEAP),
    );
    for id in 1..=servers {
        out.push_str(&zookeeper(id, genesis));
    }
    for id in &genesis.brokers {
        out.push_str(&broker(*id, genesis));
    }
    out.push_str(
        "\n  # Kafka's tools, in the network of the brokers.\n  tools:\n    <<: *kafka\n    entrypoint: [\"sleep\", \"infinity\"]\n    \
         networks: [cluster]\n\nnetworks:\n  cluster:\n    ipam:\n      config:\n        - subnet: 172.28.0.0/16\n",
    );
    out
}

fn zookeeper(id: u8, genesis: &Genesis) -> String {
    let servers: Vec<String> =
        (1..=genesis.zookeeper).map(|server| format!("server.{server}=zookeeper-{server}:2888:3888;2181")).collect();
    format!(
        "\n  zookeeper-{id}:\n    image: zookeeper:{ZOOKEEPER_VERSION}\n    hostname: zookeeper-{id}\n    environment:\n      \
         ZOO_MY_ID: \"{id}\"\n      ZOO_TICK_TIME: \"{}\"\n      ZOO_INIT_LIMIT: \"{INIT_LIMIT}\"\n      \
         ZOO_SYNC_LIMIT: \"{SYNC_LIMIT}\"\n      ZOO_SERVERS: {}\n{}",
        genesis.tick_ms,
        scalar(&servers.join(" ")),
        network(&NodeId::ZooKeeper(id), genesis),
    )
}

fn broker(id: BrokerId, genesis: &Genesis) -> String {
    let mut entries: Vec<(Name, Name)> = vec![
        ("broker.id".into(), id.to_string().into()),
        ("zookeeper.connect".into(), ensemble(genesis.zookeeper).into()),
        ("listeners".into(), format!("PLAINTEXT://{}", addresses(&[id])).into()),
    ];
    // Over Kafka's own defaults: the file of properties is empty.
    entries.extend(genesis.entries_of(id));
    let mut out = format!(
        "\n  broker-{id}:\n    <<: *kafka\n    hostname: broker-{id}\n    entrypoint:\n      \
         - /opt/kafka/bin/kafka-server-start.sh\n      - /dev/null\n"
    );
    for (name, value) in entries {
        out.push_str(&format!("      - --override\n      - {}\n", scalar(&format!("{name}={value}"))));
    }
    out.push_str(&network(&NodeId::Broker(id), genesis));
    out
}

fn network(node: &NodeId, genesis: &Genesis) -> String {
    let address = address(node, genesis).unwrap_or_default();
    format!("    networks:\n      cluster:\n        ipv4_address: {address}\n")
}

/// A text as YAML reads it: as JSON has it; Compose reads `$$` as `$`.
fn scalar(text: &str) -> String {
    quoted(&text.replace('$', "$$"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::collections::BTreeMap;

    #[test]
    fn the_cluster_is_the_same() {
        let mut own = BTreeMap::new();
        own.insert(7, vec![("broker.rack".into(), "a \"quoted\" $rack".into())]);
        let genesis = Genesis {
            brokers: vec![5, 7],
            zookeeper: 3,
            tick_ms: 1000,
            config: vec![("zookeeper.session.timeout.ms".into(), "6000".into())],
            broker_config: own,
            ..Genesis::default()
        };
        let text = compose(&genesis, "A run");
        for part in [
            "2 brokers of Apache Kafka 3.9.1 and 3 ZooKeeper servers",
            "  zookeeper-3:\n",
            "ZOO_TICK_TIME: \"1000\"",
            "server.1=zookeeper-1:2888:3888;2181 server.2=zookeeper-2:2888:3888;2181",
            "- \"broker.id=5\"",
            "- \"zookeeper.connect=zookeeper-1:2181,zookeeper-2:2181,zookeeper-3:2181\"",
            "- \"listeners=PLAINTEXT://broker-7:9092\"",
            "- \"zookeeper.session.timeout.ms=6000\"",
            "- \"offsets.topic.replication.factor=2\"",
            "- \"broker.rack=a \\\"quoted\\\" $$rack\"",
            "ipv4_address: 172.28.2.2",
        ] {
            assert!(text.contains(part), "{part} in\n{text}");
        }
        assert_eq!(text.matches("broker.rack").count(), 1, "one broker's own");
    }
}
