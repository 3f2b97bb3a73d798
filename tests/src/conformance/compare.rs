//! When does what the simulation did agree with what Kafka did (`oracle/FORMAT.md`, "Results")?

use serde_json::{Value, json};

/// True if `found` is what was recorded, or lies within what was recorded.
pub fn agrees(expected: &Value, found: &Value) -> bool {
    if let Some(Value::Array(values)) = only_key(expected, "unstable") {
        return values.iter().any(|value| agrees(value, found));
    }
    if let Some(recorded) = only_key(expected, "elapsed_ms") {
        let Some((earliest, latest)) = window_ms(recorded) else { return false };
        let elapsed_ms = only_key(found, "elapsed_ms").and_then(Value::as_i64);
        return elapsed_ms.is_some_and(|ms| earliest <= ms && ms <= latest);
    }
    stripped(expected) == stripped(found)
}

/// What is expected, with the window of an elapsed time spelled out.
pub fn describe(expected: &Value) -> String {
    match only_key(expected, "elapsed_ms").and_then(window_ms) {
        Some((earliest, latest)) => format!("{expected}, that is {} to {latest} ms here", earliest.max(0)),
        None => expected.to_string(),
    }
}

fn only_key<'a>(value: &'a Value, key: &str) -> Option<&'a Value> {
    value.as_object().filter(|object| object.len() == 1)?.get(key)
}

/// 0.75 times the shortest less a second, 1.25 times the longest and a second.
fn window_ms(recorded: &Value) -> Option<(i64, i64)> {
    let (shortest, longest) = match recorded {
        Value::Array(both) => (both.first()?.as_i64()?, both.last()?.as_i64()?),
        one => (one.as_i64()?, one.as_i64()?),
    };
    Some((shortest * 3 / 4 - 1000, longest * 5 / 4 + 1000))
}

/// Messages are prose of one version; what is compared is the name of the error.
fn stripped(value: &Value) -> Value {
    match value {
        Value::Object(fields) => fields
            .iter()
            .filter(|(key, _)| *key != "message" && *key != "last")
            .map(|(key, value)| (key.clone(), stripped(value)))
            .collect(),
        Value::Array(items) => items.iter().map(stripped).collect(),
        other => other.clone(),
    }
}

/// An error as the oracle writes it.
pub fn error(name: &str) -> Value {
    json!({ "error": name })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elapsed_times_have_a_window_and_unstable_values_are_a_choice() {
        let window = json!({"elapsed_ms": [2000, 4000]});
        for (ms, inside) in [(499, false), (500, true), (6000, true), (6001, false)] {
            assert_eq!(agrees(&window, &json!({"elapsed_ms": ms})), inside, "{ms} ms");
        }
        assert!(!agrees(&window, &json!({"error": "never"})));
        let choice = json!({"unstable": [[1], {"error": "X"}]});
        assert!(agrees(&choice, &json!({"error": "X", "message": "any"})));
        assert!(!agrees(&choice, &json!([2])));
        assert!(!agrees(&json!({"leader": 1}), &json!({"leader": 1, "isr": []})));
    }
}
