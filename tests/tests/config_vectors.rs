//! The config registries are Kafka's own: every key, type, default, range and importance as recorded from 3.9.1.

use playground_core::config::ConfigKind;
use serde_json::Value;

fn recorded(text: &str) -> Vec<Value> {
    let all: Value = serde_json::from_str(text).expect("a recorded vector is JSON");
    all["cases"].as_array().expect("it lists cases").clone()
}

#[test]
fn the_registries_are_as_recorded() {
    let registries = [
        (ConfigKind::Broker, include_str!("../vectors/config-defaults-broker.json")),
        (ConfigKind::Topic, include_str!("../vectors/config-defaults-topic.json")),
        (ConfigKind::Producer, include_str!("../vectors/config-defaults-producer.json")),
        (ConfigKind::Consumer, include_str!("../vectors/config-defaults-consumer.json")),
    ];
    for (kind, text) in registries {
        let cases = recorded(text);
        assert_eq!(kind.defs().count(), cases.len(), "{kind:?}: number of keys");
        for case in cases {
            let name = case["in"].as_str().expect("a key");
            let def = kind.find(name).unwrap_or_else(|| panic!("{kind:?} lacks {name}"));
            let out = &case["out"];
            assert_eq!(Some(def.config_type.name()), out["type"].as_str(), "{kind:?} {name}: type");
            assert_eq!(def.default, out["default"].as_str().filter(|_| !def.required), "{kind:?} {name}: default");
            // One range is a sentence of documentation, not a rule.
            let words = out["valid"].as_str().filter(|words| !words.starts_with("The default")).unwrap_or("");
            assert_eq!(def.valid, words, "{kind:?} {name}: range");
            assert_eq!(Some(def.importance), out["importance"].as_str(), "{kind:?} {name}: importance");
        }
    }
}
