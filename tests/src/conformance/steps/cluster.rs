//! Births, deaths and cuts: brokers, ZooKeeper servers, client processes, links, time.

use playground_core::command::{Command, NodeRef};
use playground_core::ids::NodeId;
use playground_core::sim::ProcState;
use serde_json::{Value, json};

use super::{Bench, Fields, Task, Verb, at, done, ok};

pub const VERBS: &[Verb] = &[
    Verb { name: "kill-broker", fields: &["broker"], start: kill_broker },
    Verb { name: "stop-broker", fields: &["broker"], start: stop_broker },
    Verb { name: "start-broker", fields: &["broker"], start: start_broker },
    Verb { name: "pause-broker", fields: &["broker"], start: pause_broker },
    Verb { name: "resume-broker", fields: &["broker"], start: resume_broker },
    Verb { name: "broker-alive", fields: &["broker"], start: broker_alive },
    Verb { name: "wipe-disk", fields: &["broker"], start: wipe_disk },
    Verb { name: "kill-zookeeper", fields: &["zookeeper"], start: kill_zookeeper },
    Verb { name: "start-zookeeper", fields: &["zookeeper"], start: start_zookeeper },
    Verb { name: "zookeeper-role", fields: &["zookeeper"], start: zookeeper_role },
    Verb { name: "crash-client", fields: &["client"], start: crash_client },
    Verb { name: "pause-client", fields: &["client"], start: pause_client },
    Verb { name: "unpause-client", fields: &["client"], start: unpause_client },
    Verb { name: "cut", fields: &["between", "one_way"], start: cut },
    Verb { name: "heal", fields: &["between"], start: heal },
    Verb { name: "sleep", fields: &["ms"], start: sleep },
];

fn broker(fields: &Fields) -> Result<NodeId, String> {
    Ok(NodeId::Broker(fields.int32("broker")?))
}

fn zookeeper(fields: &Fields) -> Result<NodeId, String> {
    let id = fields.int("zookeeper")?;
    Ok(NodeId::ZooKeeper(u8::try_from(id).map_err(|_| format!("\"zookeeper\": {id}"))?))
}

fn command(bench: &mut Bench, command: &Command) -> Result<Task, String> {
    bench.command(command)?;
    Ok(ok())
}

/// The oracle waits until the process is gone; by then its peers' connections are reset.
fn kill_broker(bench: &mut Bench, fields: &Fields) -> Result<Task, String> {
    const GONE_MS: u64 = 20;
    bench.command(&Command::Kill(NodeRef::Node(broker(fields)?)))?;
    let gone_at = bench.wake_in(GONE_MS);
    Ok(Box::new(move |bench| (bench.world.now() >= gone_at).then(|| json!("ok"))))
}

/// The oracle waits until the process is gone.
fn stop_broker(bench: &mut Bench, fields: &Fields) -> Result<Task, String> {
    let node = broker(fields)?;
    bench.command(&Command::Stop(NodeRef::Node(node.clone())))?;
    Ok(Box::new(move |bench| (!bench.is_alive(&node)).then(|| json!("ok"))))
}

fn start_broker(bench: &mut Bench, fields: &Fields) -> Result<Task, String> {
    command(bench, &Command::Start(NodeRef::Node(broker(fields)?)))
}

fn pause_broker(bench: &mut Bench, fields: &Fields) -> Result<Task, String> {
    command(bench, &Command::Pause(NodeRef::Node(broker(fields)?)))
}

fn resume_broker(bench: &mut Bench, fields: &Fields) -> Result<Task, String> {
    command(bench, &Command::Resume(NodeRef::Node(broker(fields)?)))
}

fn broker_alive(bench: &mut Bench, fields: &Fields) -> Result<Task, String> {
    Ok(done(json!(bench.is_alive(&broker(fields)?))))
}

fn wipe_disk(bench: &mut Bench, fields: &Fields) -> Result<Task, String> {
    let node = broker(fields)?;
    if !bench.world.wipe_disk(&node) {
        return Err(format!("broker {node} runs, or there is none: its disk cannot be wiped"));
    }
    Ok(ok())
}

fn kill_zookeeper(bench: &mut Bench, fields: &Fields) -> Result<Task, String> {
    command(bench, &Command::Kill(NodeRef::Node(zookeeper(fields)?)))
}

fn start_zookeeper(bench: &mut Bench, fields: &Fields) -> Result<Task, String> {
    command(bench, &Command::Start(NodeRef::Node(zookeeper(fields)?)))
}

/// What the four-letter word `srvr` says.
fn zookeeper_role(bench: &mut Bench, fields: &Fields) -> Result<Task, String> {
    let node = zookeeper(fields)?;
    let NodeId::ZooKeeper(id) = node else { return Err("no ZooKeeper server".into()) };
    let answers = bench.world.slot(&node).is_some_and(|slot| slot.state == ProcState::Running);
    let role = bench.world.zookeeper(id).filter(|_| answers).map_or("unreachable", |server| server.role());
    Ok(done(json!(role)))
}

fn each_of_process(bench: &mut Bench, fields: &Fields, make: impl Fn(NodeRef) -> Command) -> Result<Task, String> {
    for client in bench.process_of(&fields.text("client")?)? {
        let node = NodeId::Client(client);
        if bench.is_alive(&node) {
            bench.command(&make(NodeRef::Node(node)))?;
        }
    }
    Ok(ok())
}

fn crash_client(bench: &mut Bench, fields: &Fields) -> Result<Task, String> {
    let crashed = each_of_process(bench, fields, Command::Kill)?;
    for client in bench.process_of(&fields.text("client")?)? {
        bench.clients.remove(&client);
    }
    Ok(crashed)
}

fn pause_client(bench: &mut Bench, fields: &Fields) -> Result<Task, String> {
    each_of_process(bench, fields, Command::Pause)
}

fn unpause_client(bench: &mut Bench, fields: &Fields) -> Result<Task, String> {
    each_of_process(bench, fields, Command::Resume)
}

fn between(fields: &Fields) -> Result<[Value; 2], String> {
    let pair = fields.raw("between").and_then(Value::as_array).filter(|pair| pair.len() == 2);
    let pair = pair.ok_or("\"between\": expected a list of two nodes")?;
    Ok([pair[0].clone(), pair[1].clone()])
}

fn cut(bench: &mut Bench, fields: &Fields) -> Result<Task, String> {
    bench.cut(&between(fields)?, fields.is_set("one_way")?)?;
    Ok(ok())
}

fn heal(bench: &mut Bench, fields: &Fields) -> Result<Task, String> {
    bench.heal(&between(fields)?)?;
    Ok(ok())
}

fn sleep(bench: &mut Bench, fields: &Fields) -> Result<Task, String> {
    let ms = fields.int("ms")?;
    let ms = u64::try_from(ms).map_err(|_| format!("\"ms\": {ms}"))?;
    let until = bench.world.now() + playground_core::time::SimDuration::from_ms(ms);
    Ok(at(bench, until, json!("ok")))
}
