//! A case file as `oracle/FORMAT.md` describes it: the cluster, and steps with recorded results.

use std::collections::BTreeMap;

use playground_core::ids::{BrokerId, Name};
use playground_core::sim::Genesis;
use serde_json::{Map, Value};

/// One recorded case.
pub struct Case {
    /// `folder/name`.
    pub id: String,
    /// The cluster before the first step.
    pub genesis: Genesis,
    /// What is done, in order.
    pub steps: Vec<Step>,
}

/// One step: what is done and what Kafka did.
#[derive(Clone)]
pub struct Step {
    /// Counted from 1.
    pub number: usize,
    /// The verb.
    pub verb: String,
    /// Everything else that says what is done.
    pub fields: Fields,
    /// What Kafka did; nothing for the inner step of `background`.
    pub expected: Option<Value>,
}

/// A step's fields by name, with getters that say what they expected.
#[derive(Clone)]
pub struct Fields(Map<String, Value>);

/// Top-level keys of a case.
const CASE_KEYS: [&str; 7] = ["id", "title", "source", "cluster", "kafka", "runs", "steps"];

impl Case {
    /// Reads a case file's text.
    ///
    /// # Errors
    /// Says which place of the file is wrong and what was expected there.
    pub fn parse(text: &str) -> Result<Self, String> {
        let value: Value = serde_json::from_str(text).map_err(|error| format!("not JSON: {error}"))?;
        let Value::Object(case) = value else { return Err("a case is a JSON object".into()) };
        if let Some(key) = case.keys().find(|key| !CASE_KEYS.contains(&key.as_str())) {
            return Err(format!("unknown key {key:?} of the case; known are {}", CASE_KEYS.join(", ")));
        }
        let case = Fields(case);
        let id = case.text("id")?;
        let genesis = match case.0.get("cluster") {
            Some(Value::Object(cluster)) => genesis(&Fields(cluster.clone())).map_err(|e| format!("cluster: {e}"))?,
            _ => return Err("\"cluster\": expected an object".into()),
        };
        let Some(Value::Array(listed)) = case.0.get("steps") else { return Err("\"steps\": expected a list".into()) };
        let mut steps = Vec::with_capacity(listed.len());
        for (value, number) in listed.iter().zip(1..) {
            let step = Step::parse(value, number).map_err(|error| format!("step {number}: {error}"))?;
            if step.expected.is_none() {
                return Err(format!("step {number}: no \"result\" is recorded"));
            }
            steps.push(step);
        }
        Ok(Self { id, genesis, steps })
    }
}

impl Step {
    /// Reads one step.
    ///
    /// # Errors
    /// It is not an object or has no verb.
    pub fn parse(value: &Value, number: usize) -> Result<Self, String> {
        let Value::Object(fields) = value else { return Err(format!("expected an object, found {value}")) };
        let mut fields = fields.clone();
        let expected = fields.remove("result");
        fields.remove("note");
        let Some(Value::String(verb)) = fields.remove("do") else { return Err("\"do\": expected a verb".into()) };
        Ok(Self { number, verb, fields: Fields(fields), expected })
    }

    /// The step as it stands in the file, without its result.
    pub fn text(&self) -> String {
        let mut fields = self.fields.0.clone();
        fields.insert("do".into(), Value::String(self.verb.clone()));
        Value::Object(fields).to_string()
    }
}

fn genesis(cluster: &Fields) -> Result<Genesis, String> {
    const KEYS: [&str; 8] =
        ["brokers", "not_started", "zookeeper", "tick_ms", "config", "broker_config", "start_in_order", "kraft"];
    cluster.only(&KEYS)?;
    if cluster.has("kraft") {
        return Err("not supported: kraft".into());
    }
    let standard = Genesis::default();
    let mut broker_config = BTreeMap::new();
    if let Some(value) = cluster.0.get("broker_config") {
        let Value::Object(own) = value else { return Err("\"broker_config\": expected an object".into()) };
        for (id, entries) in own {
            let broker: BrokerId = id.parse().map_err(|_| format!("\"broker_config\": {id:?} is no broker id"))?;
            let Value::Object(entries) = entries else { return Err(format!("\"broker_config\": {id}: no object")) };
            broker_config.insert(broker, settings(entries)?);
        }
    }
    Ok(Genesis {
        brokers: cluster.opt("brokers", Fields::ids)?.unwrap_or(standard.brokers),
        not_started: cluster.opt("not_started", Fields::ids)?.unwrap_or_default(),
        zookeeper: match cluster.opt("zookeeper", Fields::int)? {
            Some(count) => u8::try_from(count).map_err(|_| format!("\"zookeeper\": {count} servers"))?,
            None => standard.zookeeper,
        },
        tick_ms: match cluster.opt("tick_ms", Fields::int)? {
            Some(tick_ms) => u64::try_from(tick_ms).map_err(|_| format!("\"tick_ms\": {tick_ms}"))?,
            None => standard.tick_ms,
        },
        config: cluster.config("config")?,
        broker_config: broker_config.into_iter().collect(),
        start_in_order: cluster.opt("start_in_order", Fields::flag)?.unwrap_or(true),
        ..standard
    })
}

fn plain(value: &Value) -> Result<Name, String> {
    match value {
        Value::String(text) => Ok(text.as_str().into()),
        Value::Number(_) | Value::Bool(_) => Ok(value.to_string().into()),
        other => Err(format!("expected a text, found {other}")),
    }
}

fn settings(entries: &Map<String, Value>) -> Result<Vec<(Name, Name)>, String> {
    entries.iter().map(|(key, value)| Ok((key.as_str().into(), plain(value)?))).collect()
}

impl Fields {
    /// Complains of a field that is not among `known`.
    ///
    /// # Errors
    /// Names the unknown field.
    pub fn only(&self, known: &[&str]) -> Result<(), String> {
        match self.0.keys().find(|key| !known.contains(&key.as_str())) {
            Some(key) => Err(format!("unknown field {key:?}; known are {}", known.join(", "))),
            None => Ok(()),
        }
    }

    /// True if the field stands there, be it null.
    pub fn has(&self, key: &str) -> bool {
        self.0.contains_key(key)
    }

    /// The raw value.
    pub fn raw(&self, key: &str) -> Option<&Value> {
        self.0.get(key)
    }

    /// `get` of a field that may be missing.
    ///
    /// # Errors
    /// The field is there and has the wrong type.
    pub fn opt<T>(&self, key: &str, get: impl FnOnce(&Self, &str) -> Result<T, String>) -> Result<Option<T>, String> {
        if self.has(key) { get(self, key).map(Some) } else { Ok(None) }
    }

    fn get<T>(&self, key: &str, what: &str, read: impl FnOnce(&Value) -> Option<T>) -> Result<T, String> {
        let value = self.0.get(key).ok_or_else(|| format!("\"{key}\": missing, expected {what}"))?;
        read(value).ok_or_else(|| format!("\"{key}\": expected {what}, found {value}"))
    }

    /// A text.
    ///
    /// # Errors
    /// Missing or of another type; as for all getters.
    pub fn text(&self, key: &str) -> Result<String, String> {
        self.get(key, "a text", |value| value.as_str().map(Into::into))
    }

    /// A text as a shared name.
    ///
    /// # Errors
    /// As [`Self::text`].
    pub fn name(&self, key: &str) -> Result<Name, String> {
        self.text(key).map(Name::from)
    }

    /// A whole number.
    ///
    /// # Errors
    /// As [`Self::text`].
    pub fn int(&self, key: &str) -> Result<i64, String> {
        self.get(key, "a whole number", Value::as_i64)
    }

    /// A whole number of 32 bits.
    ///
    /// # Errors
    /// As [`Self::text`].
    pub fn int32(&self, key: &str) -> Result<i32, String> {
        self.get(key, "a whole number of 32 bits", |value| i32::try_from(value.as_i64()?).ok())
    }

    /// True or false.
    ///
    /// # Errors
    /// As [`Self::text`].
    pub fn flag(&self, key: &str) -> Result<bool, String> {
        self.get(key, "true or false", Value::as_bool)
    }

    /// True or false, false where it is missing.
    ///
    /// # Errors
    /// As [`Self::text`].
    pub fn is_set(&self, key: &str) -> Result<bool, String> {
        Ok(self.opt(key, Self::flag)?.unwrap_or(false))
    }

    /// A list of ids.
    ///
    /// # Errors
    /// As [`Self::text`].
    pub fn ids(&self, key: &str) -> Result<Vec<BrokerId>, String> {
        self.get(key, "a list of broker ids", ids)
    }

    /// A list of texts.
    ///
    /// # Errors
    /// As [`Self::text`].
    pub fn names(&self, key: &str) -> Result<Vec<Name>, String> {
        self.get(key, "a list of texts", |value| {
            value.as_array()?.iter().map(|item| item.as_str().map(Name::from)).collect()
        })
    }

    /// A list of lists of ids: replicas by partition.
    ///
    /// # Errors
    /// As [`Self::text`].
    pub fn assignment(&self, key: &str) -> Result<Vec<Vec<BrokerId>>, String> {
        self.get(key, "a list of lists of broker ids", |value| value.as_array()?.iter().map(ids).collect())
    }

    /// Configs; none where the field is missing.
    ///
    /// # Errors
    /// It is no object of texts.
    pub fn config(&self, key: &str) -> Result<Vec<(Name, Name)>, String> {
        match self.0.get(key) {
            None => Ok(Vec::new()),
            Some(Value::Object(entries)) => settings(entries).map_err(|error| format!("\"{key}\": {error}")),
            Some(other) => Err(format!("\"{key}\": expected an object, found {other}")),
        }
    }

    /// Changes of configs: null deletes.
    ///
    /// # Errors
    /// It is no object of texts and nulls.
    pub fn changes(&self, key: &str) -> Result<Vec<(Name, Option<Name>)>, String> {
        let Some(Value::Object(entries)) = self.0.get(key) else {
            return Err(format!("\"{key}\": expected an object"));
        };
        let change = |(key, value): (&String, &Value)| {
            let value = if value.is_null() { None } else { Some(plain(value)?) };
            Ok((Name::from(key.as_str()), value))
        };
        entries.iter().map(change).collect()
    }

    /// An object's fields.
    ///
    /// # Errors
    /// As [`Self::text`].
    pub fn object(&self, key: &str) -> Result<Self, String> {
        self.get(key, "an object", |value| value.as_object().cloned().map(Self))
    }

    /// The entries in the file's order of keys.
    pub fn iter(&self) -> impl Iterator<Item = (&String, &Value)> {
        self.0.iter()
    }
}

fn ids(value: &Value) -> Option<Vec<BrokerId>> {
    value.as_array()?.iter().map(|id| BrokerId::try_from(id.as_i64()?).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conformance::steps;

    fn complaint(text: &str) -> String {
        match Case::parse(text) {
            Err(complaint) => complaint,
            Ok(case) => case.steps.iter().find_map(|step| steps::check(step).err()).unwrap_or_default(),
        }
    }

    #[test]
    fn a_case_that_is_not_understood_says_where() {
        let with_step = |step: &str| format!(r#"{{"id": "x", "cluster": {{}}, "steps": [{step}]}}"#);
        let cases = [
            ("{\"id\": ", "not JSON: EOF while parsing a value at line 1 column 7".to_owned()),
            ("[]", "a case is a JSON object".into()),
            (r#"{"id": "x", "cluster": {"size": 3}, "steps": []}"#, "cluster: unknown field \"size\"".into()),
            (r#"{"id": "x", "cluster": {"kraft": 3}, "steps": []}"#, "cluster: not supported: kraft".into()),
            (&with_step(r#"{"do": "brokers"}"#), "step 1: no \"result\" is recorded".into()),
            (&with_step(r#"{"do": "dance", "result": 1}"#), "not supported: dance".into()),
            (&with_step(r#"{"do": "sleep", "ms": 1, "s": 2, "result": "ok"}"#), "unknown field \"s\"".into()),
            (
                &with_step(r#"{"do": "await", "that": {"mood": "good"}, "result": "ok"}"#),
                "not supported: await mood".into(),
            ),
            (
                &with_step(r#"{"do": "background", "name": "b", "step": {"do": "dance"}, "result": "ok"}"#),
                "not supported: dance".into(),
            ),
        ];
        for (text, expected) in cases {
            let found = complaint(text);
            assert!(found.starts_with(&expected), "{text}\n  expected {expected}\n  found    {found}");
        }
    }
}
