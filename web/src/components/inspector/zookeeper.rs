//! ZooKeeper: servers, sessions, the tree of znodes.

use playground_core::ids::Name;
use playground_core::view::{SessionView, ZnodeView};
use yew::prelude::*;

use super::Context;
use super::facts::{Facts, until};
use crate::model::Subject;
use crate::scene::Selection;

pub(super) fn server(id: u8, context: Context<'_>) -> Html {
    let Some(server) = context.view.zookeeper.iter().find(|server| server.id == id) else { return html! {} };
    let facts = Facts::default()
        .plain("Process", server.state.word())
        .plain("Mode", &server.role)
        .plain("Epoch", server.epoch)
        .plain("Last zxid", format!("0x{:x}", server.zxid));
    html! {
        <>
            <p class="sub">{"a server of the ensemble"}</p>
            {facts.done()}
            <h3>{"Sessions"}</h3>
            <ul class="list">{for server.sessions.iter().map(|session| html! {
                <li><button onclick={context.select(Selection::Session(session.id))}>{session.owner.to_string()}
                    <span class="end">{format!("expires {}", until(session.expires_at, context.view.now))}</span></button></li>
            })}</ul>
            <h3>{"Znodes"}</h3>
            {tree(&server.znodes, None, context)}
        </>
    }
}

/// The tree; siblings of nobody's interest are folded by showing paths only.
fn tree(znodes: &[ZnodeView], current: Option<&Name>, context: Context<'_>) -> Html {
    if znodes.is_empty() {
        return html! { <p class="dashed">{"No znodes."}</p> };
    }
    let row = |znode: &ZnodeView| {
        let depth = znode.path.matches('/').count().saturating_sub(1);
        let name = znode.path.rsplit('/').next().unwrap_or_default().to_owned();
        let flag = if znode.ephemeral_owner != 0 { " ⚑ ephemeral" } else { "" };
        html! {
            <button data-test={format!("znode-{}", znode.path)} ~style={format!("padding-left:{}px", depth * 12)} aria-current={(current == Some(&znode.path)).then_some("true")}
                onclick={context.select(Subject::Znode(znode.path.clone()))}>{"/"}{name}<span class="flag">{flag}</span></button>
        }
    };
    html! { <div class="tree">{for znodes.iter().filter(|znode| &*znode.path != "/").map(row)}</div> }
}

pub(super) fn session(id: i64, context: Context<'_>) -> Html {
    let session = context.view.zookeeper.iter().flat_map(|server| &server.sessions).find(|session| session.id == id);
    let Some(session) = session else {
        return html! { <p class="dashed">{"This session has expired or was closed."}</p> };
    };
    html! {
        <>
            <p class="sub">{format!("held by {}", session.owner)}</p>
            {session_facts(session, context)}
            <h3>{"Its ephemeral znodes fall with it"}</h3>
            <ul class="list">{for session.ephemerals.iter().map(|path| html! {
                <li><button onclick={context.select(Subject::Znode(path.clone()))}>{path.to_string()}</button></li>
            })}</ul>
        </>
    }
}

fn session_facts(session: &SessionView, context: Context<'_>) -> Html {
    Facts::default()
        .plain("Session id", format!("0x{:x}", session.id))
        .plain("Timeout granted", format!("{} ms", session.timeout_ms))
        .plain("Session expires", until(session.expires_at, context.view.now))
        .plain("Connected to", session.server.map_or("no server".to_owned(), |server| format!("zk{server}")))
        .done()
}

pub(super) fn znode(path: &Name, context: Context<'_>) -> Html {
    let servers = &context.view.zookeeper;
    let found = |view: &[playground_core::view::ZooKeeperView]| {
        view.iter().flat_map(|server| server.znodes.iter()).find(|znode| znode.path == *path).cloned()
    };
    let Some(znode) = found(servers) else { return html! { <p class="dashed">{"This znode does not exist now."}</p> } };
    let before = context.before.and_then(|before| found(&before.zookeeper));
    let facts = Facts::default()
        .compared("Version", znode.version, before.as_ref().map(|was| was.version))
        .compared("czxid", znode.czxid, before.as_ref().map(|was| was.czxid))
        .plain(
            "Ephemeral",
            if znode.ephemeral_owner == 0 { "no".to_owned() } else { format!("session 0x{:x}", znode.ephemeral_owner) },
        );
    let around = servers.iter().find(|server| server.znodes.iter().any(|one| one.path == *path));
    html! {
        <>
            <p class="sub">{"a znode"}</p>
            <pre class="data" data-test="znode-data">{if znode.data.is_empty() { "(no data)".to_owned() } else { crate::model::json::pretty(&znode.data) }}</pre>
            {facts.done()}
            if znode.ephemeral_owner != 0 {
                <div class="buttons"><button class="button small" onclick={context.select(Selection::Session(znode.ephemeral_owner))}>{"Its session"}</button></div>
            }
            if let Some(server) = around { <><h3>{"The tree"}</h3>{tree(&server.znodes, Some(path), context)}</> }
        </>
    }
}
