//! `await` a condition, and steps in the `background` whose answer `join` collects.

use playground_core::admin::{AdminAnswer, AdminOp};
use playground_core::ids::{Name, NodeId, TopicPartition};
use playground_core::time::SimDuration;
use serde_json::{Value, json};

use super::looking::{controller_id, data, log_of, registered, state};
use super::{Bench, Fields, Step, Task, Verb, admin, consumer, ok, start, transactions};

pub const VERBS: &[Verb] = &[
    Verb { name: "await", fields: &["that", "within_ms"], start: wait },
    Verb { name: "background", fields: &["name", "step"], start: background },
    Verb { name: "join", fields: &["name"], start: join },
];

/// The oracle looks again after this long.
const POLL_MS: u64 = 50;
/// Fields of a condition that say where, not what.
const PLACES: [&str; 5] = ["topic", "partition", "broker", "client", "group"];

const CONDITIONS: [(&str, &[&str]); 18] = [
    ("leader", &["topic", "partition"]),
    ("isr", &["topic", "partition"]),
    ("leader_epoch", &["topic", "partition"]),
    ("state", &["topic", "partition"]),
    ("controller", &[]),
    ("brokers", &[]),
    ("absent_topic", &[]),
    ("znode_absent", &[]),
    ("log_end", &["broker", "topic", "partition"]),
    ("log_start", &["broker", "topic", "partition"]),
    ("high_watermark", &["topic", "partition"]),
    ("received", &["client"]),
    ("assignment", &["client"]),
    ("group_state", &["group"]),
    ("members", &["group"]),
    ("exited", &[]),
    ("transaction", &[]),
    ("metadata_leader", &["broker", "topic", "partition"]),
];

/// Understood besides [`CONDITIONS`].
const CONSUMER_ERROR: (&str, &[&str]) = ("consumer_error", &["client"]);

/// Complains of an `await` whose condition nobody understands.
///
/// # Errors
/// Names the condition or the field.
pub fn check(step: &Step) -> Result<(), String> {
    if step.verb != "await" {
        return Ok(());
    }
    let that = step.fields.object("that")?;
    let (kind, _) = what(&that)?;
    let known = CONDITIONS.iter().chain([&CONSUMER_ERROR]).find(|(name, _)| *name == kind);
    let (name, places) = known.ok_or_else(|| format!("not supported: await {kind}"))?;
    let mut allowed = vec![*name];
    allowed.extend_from_slice(places);
    that.only(&allowed).map_err(|error| format!("\"that\": {error}"))
}

fn what(that: &Fields) -> Result<(String, Value), String> {
    let found = that.iter().find(|(key, _)| !PLACES.contains(&key.as_str()));
    let (key, value) = found.ok_or("\"that\": no condition")?;
    Ok((key.clone(), value.clone()))
}

/// One look at the condition, as a task with the answer true or false.
type Look = Box<dyn Fn(&mut Bench) -> Result<Task, String>>;

fn wait(bench: &mut Bench, fields: &Fields) -> Result<Task, String> {
    let within_ms = fields.opt("within_ms", Fields::int)?.unwrap_or(60_000);
    let within_ms = u64::try_from(within_ms).map_err(|_| format!("\"within_ms\": {within_ms}"))?;
    let look = look(&fields.object("that")?)?;
    let began = bench.world.now();
    let limit = began + SimDuration::from_ms(within_ms);
    let mut looking = Some(look(bench)?);
    let mut again = began;
    Ok(Box::new(move |bench| {
        loop {
            let now = bench.world.now();
            if looking.is_none() {
                if now < again {
                    return None;
                }
                match look(bench) {
                    Ok(task) => looking = Some(task),
                    Err(error) => return Some(json!({"error": "never", "last": error})),
                }
            }
            let seen = looking.as_mut().and_then(|task| task(bench))?;
            if seen == json!(true) {
                return Some(json!({"elapsed_ms": bench.world.now().since(began).as_ms()}));
            }
            if bench.world.now() >= limit {
                return Some(json!({"error": "never", "last": seen}));
            }
            looking = None;
            again = bench.wake_in(POLL_MS);
        }
    }))
}

fn look(that: &Fields) -> Result<Look, String> {
    let (kind, want) = what(that)?;
    let that = that.clone();
    let partition = that.opt("partition", Fields::int32)?.unwrap_or(0);
    let at_once = |see: Box<dyn Fn(&mut Bench) -> Result<bool, String>>| -> Look {
        Box::new(move |bench| {
            let seen = see(bench)?;
            Ok(super::done(json!(seen)))
        })
    };
    Ok(match kind.as_str() {
        "leader" | "isr" | "leader_epoch" => {
            let topic = that.text("topic")?;
            at_once(Box::new(move |bench| {
                let state = state(&bench.world, &topic, partition);
                Ok(state.get(&kind).cloned().unwrap_or_else(|| json!("absent")) == want)
            }))
        }
        "state" => {
            let topic = that.text("topic")?;
            at_once(Box::new(move |bench| Ok(state(&bench.world, &topic, partition) == want)))
        }
        "controller" => at_once(Box::new(move |bench| {
            let id = controller_id(&bench.world);
            Ok(match (&want, want.get("not")) {
                (_, Some(not)) => !id.is_null() && &id != not,
                (Value::String(any), _) if any == "any" => !id.is_null(),
                _ => id == want,
            })
        })),
        "brokers" => at_once(Box::new(move |bench| Ok(json!(registered(&bench.world)) == want))),
        "absent_topic" => {
            let path = format!("/brokers/topics/{}", that.text("absent_topic")?);
            at_once(Box::new(move |bench| Ok(data(&bench.world, &path) == Ok(None))))
        }
        "znode_absent" => {
            let path = that.text("znode_absent")?;
            at_once(Box::new(move |bench| Ok(data(&bench.world, &path) == Ok(None))))
        }
        "log_end" | "log_start" => {
            let (broker, tp) = (that.int32("broker")?, TopicPartition::new(that.name("topic")?, partition));
            at_once(Box::new(move |bench| {
                let log = log_of(&bench.world, broker, &tp);
                let (end, start) = log.map_or((0, Value::Null), |log| {
                    let end = log.batches().next_back().map_or(0, |batch| batch.next_offset());
                    (end, json!(log.segments().first().map(|segment| segment.base_offset())))
                });
                Ok(if kind == "log_end" { json!(end) == want } else { start == want })
            }))
        }
        "high_watermark" => {
            let tp = TopicPartition::new(that.name("topic")?, partition);
            Box::new(move |bench| {
                let mut ask = admin::offsets_of(bench, &tp);
                let want = want.clone();
                Ok(Box::new(move |bench| ask(bench).map(|found| json!(found["high_watermark"] == want))))
            })
        }
        "received" => {
            let (client, count) = (that.name("client")?, that.int("received")?);
            at_once(Box::new(move |bench| Ok(consumer::received_count(bench, &client)? >= count)))
        }
        "assignment" => {
            let client = that.name("client")?;
            at_once(Box::new(move |bench| Ok(consumer::assignment_of(bench, &client)? == want)))
        }
        "consumer_error" => {
            let client = that.name("client")?;
            at_once(Box::new(move |bench| Ok(consumer::error_of(bench, &client)?["error"] == want)))
        }
        "group_state" | "members" => {
            let group: Name = that.name("group")?;
            Box::new(move |bench| {
                let mut ask = admin::describe_group(bench, &group);
                let (kind, want) = (kind.clone(), want.clone());
                Ok(Box::new(move |bench| {
                    let found = ask(bench)?;
                    let seen = if kind == "group_state" {
                        found["state"] == want
                    } else {
                        let count = found["members"].as_object().map_or(0, |members| members.len());
                        json!(count) == want && (found["state"] == "Stable" || found["state"] == "Empty")
                    };
                    Some(json!(seen))
                }))
            })
        }
        "transaction" => {
            let wanted = that.object("transaction")?;
            Box::new(move |bench| {
                let mut ask = transactions::list_transactions(bench);
                let wanted = wanted.clone();
                Ok(Box::new(move |bench| {
                    let found = ask(bench)?;
                    Some(json!(wanted.iter().all(|(id, state)| found.get(id) == Some(state))))
                }))
            })
        }
        "metadata_leader" => {
            let op = AdminOp::DescribeTopic { topic: that.name("topic")? };
            let at = that.opt("broker", Fields::int32)?.map(|broker| vec![broker]);
            Box::new(move |bench| {
                let mut ask = admin::ask_at(bench, at.as_deref(), op.clone(), move |answer| {
                    let AdminAnswer::Topic(topic) = answer else { return admin::unexpected(answer) };
                    let found = topic.partitions.iter().find(|found| found.partition == partition);
                    found.map_or(json!("absent"), |found| json!(Some(found.leader_id).filter(|id| *id >= 0)))
                });
                let want = want.clone();
                Ok(Box::new(move |bench| ask(bench).map(|leader| json!(leader == want))))
            })
        }
        "exited" => {
            let node = NodeId::Broker(that.int32("exited")?);
            at_once(Box::new(move |bench| Ok(!bench.is_alive(&node))))
        }
        _ => return Err(format!("not supported: await {kind}")),
    })
}

fn background(bench: &mut Bench, fields: &Fields) -> Result<Task, String> {
    let inner = fields.raw("step").ok_or("\"step\": missing")?;
    let task = start(bench, &Step::parse(inner, 0)?)?;
    bench.start_background(fields.text("name")?, task);
    Ok(ok())
}

fn join(bench: &mut Bench, fields: &Fields) -> Result<Task, String> {
    let name = fields.text("name")?;
    bench.background_answer(&name)?;
    Ok(Box::new(move |bench| bench.background_answer(&name).unwrap_or_else(|error| Some(json!({"error": error})))))
}
