//! The tree of znodes: opened and closed by press or arrow keys; what a znode holds, pretty printed,
//! with its version, its ephemeral owner and who watches it.

use playground_core::collections::BTreeSet;
use playground_core::collections::Order;

use playground_core::ids::Name;
use playground_core::view::{ClusterView, ZnodeView};
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;
use yew::prelude::*;

use crate::components::Dispatch;
use crate::model::inquiry::Answers;
use crate::model::json::pretty;
use crate::model::{Action, Shared, Subject};
use crate::scene::Selection;

/// What the panel shows.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The cluster.
    pub view: Shared<ClusterView>,
    /// Who watches what.
    pub answers: Shared<Answers>,
    /// What is selected.
    pub selected: Option<Subject>,
    /// Where actions go.
    pub dispatch: Dispatch,
}

/// Open at first: what a learner looks for.
const OPEN: [&str; 3] = ["/brokers", "/brokers/ids", "/brokers/topics"];

/// The tree at the left, the chosen znode at the right.
#[component]
pub fn Znodes(props: &Props) -> Html {
    let open = use_state(|| OPEN.iter().map(|path| Name::from(*path)).collect::<BTreeSet<Name>>());
    let servers = &props.view.zookeeper;
    let fullest = servers.iter().max_by_key(|server| (server.role.as_str() == "leader", server.znodes.len()));
    let Some(server) = fullest.filter(|server| !server.znodes.is_empty()) else {
        return html! { <p class="dashed">{"No server of the ensemble can be asked."}</p> };
    };
    let chosen = match &props.selected {
        Some(Subject::Znode(path)) => Some(path.clone()),
        _ => None,
    };
    let rows = visible(&server.znodes, &open);
    let focusable = chosen.clone().filter(|path| rows.iter().any(|row| row.znode.path == *path));
    let focusable = focusable.or_else(|| rows.first().map(|row| row.znode.path.clone()));
    let row = |row: &Row<'_>| {
        let path = row.znode.path.clone();
        let is_chosen = chosen.as_ref() == Some(&path);
        let onclick = {
            let (dispatch, open, path, has_children) =
                (props.dispatch.clone(), open.clone(), path.clone(), row.has_children);
            Callback::from(move |_: MouseEvent| {
                dispatch.emit(Action::Select(Some(Subject::Znode(path.clone()))));
                if has_children && (is_chosen || !open.contains(&path)) {
                    toggle(&open, &path);
                }
            })
        };
        let onkeydown = {
            let (open, path, has_children, is_open) = (open.clone(), path.clone(), row.has_children, row.is_open);
            Callback::from(move |event: KeyboardEvent| {
                match event.key().as_str() {
                    "ArrowRight" if has_children && !is_open => toggle(&open, &path),
                    "ArrowLeft" if is_open => toggle(&open, &path),
                    "ArrowRight" | "ArrowDown" => step(&event, true),
                    "ArrowLeft" | "ArrowUp" => step(&event, false),
                    _ => return,
                }
                event.prevent_default();
                event.stop_propagation();
            })
        };
        let sign = match (row.has_children, row.is_open) {
            (false, _) => "",
            (true, false) => "▸",
            (true, true) => "▾",
        };
        html! {
            <button role="treeitem" key={path.to_string()} class="zrow" tabindex={if focusable.as_ref() == Some(&path) { "0" } else { "-1" }}
                data-test={format!("state-znode-{path}")} data-selected={is_chosen.then(|| Subject::Znode(path.clone()).key())}
                aria-level={(row.depth + 1).to_string()} aria-expanded={row.has_children.then(|| row.is_open.to_string())} aria-selected={is_chosen.to_string()}
                ~style={format!("padding-left:{}px", 8 + row.depth * 14)} {onclick} {onkeydown}>
                <i aria-hidden="true">{sign}</i>{row.name.to_owned()}
                if row.znode.ephemeral_owner != 0 { <span class="flag">{"⚑ ephemeral"}</span> }
                if !row.is_open && row.count > 0 { <span class="flag">{row.count}</span> }
            </button>
        }
    };
    html! {
        <div class="znodes">
            <div class="ztree" role="tree" aria-label={format!("Znodes as zk{} has them", server.id)}>{for rows.iter().map(row)}</div>
            <div class="zdetail scroll" tabindex="0" role="region" aria-label="The chosen znode">{detail(chosen.as_ref(), &server.znodes, props)}</div>
        </div>
    }
}

fn toggle(open: &UseStateHandle<BTreeSet<Name>>, path: &Name) {
    let mut next = (**open).clone();
    if !next.remove(path) {
        next.insert(path.clone());
    }
    open.set(next);
}

/// The focus goes to the row below or above.
fn step(event: &KeyboardEvent, down: bool) {
    // Yew listens at the root, so that the current target is not the row.
    let here = event.target().and_then(|target| target.dyn_into::<HtmlElement>().ok());
    let next = here.and_then(|row| if down { row.next_element_sibling() } else { row.previous_element_sibling() });
    if let Some(row) = next.and_then(|row| row.dyn_into::<HtmlElement>().ok()) {
        let _ = row.focus();
    }
}

struct Row<'a> {
    znode: &'a ZnodeView,
    name: &'a str,
    depth: usize,
    has_children: bool,
    is_open: bool,
    count: usize,
}

/// Rows whose parents are all open, in the order of their paths.
fn visible<'a>(znodes: &'a [ZnodeView], open: &BTreeSet<Name>) -> Vec<Row<'a>> {
    let mut paths: Vec<&ZnodeView> = znodes.iter().filter(|znode| znode.path.as_str() != "/").collect();
    // A child stands below its parent, before its parent's next sibling.
    paths.order_by(|a, b| a.path.split('/').cmp(b.path.split('/')));
    let mut rows = Vec::new();
    for znode in &paths {
        let depth = znode.path.matches('/').count() - 1;
        let mut parent = znode.path.as_str();
        let mut shown = true;
        while let Some((up, _)) = parent.rsplit_once('/').filter(|(up, _)| !up.is_empty()) {
            shown &= open.iter().any(|path| path.as_str() == up);
            parent = up;
        }
        if !shown {
            continue;
        }
        let prefix = format!("{}/", znode.path);
        let count = paths
            .iter()
            .filter(|other| other.path.strip_prefix(&prefix).is_some_and(|rest| !rest.contains('/')))
            .count();
        rows.push(Row {
            znode,
            name: znode.path.rsplit('/').next().unwrap_or_default(),
            depth,
            has_children: count > 0,
            is_open: count > 0 && open.contains(&znode.path),
            count,
        });
    }
    rows
}

fn detail(chosen: Option<&Name>, znodes: &[ZnodeView], props: &Props) -> Html {
    let Some(znode) = chosen.and_then(|path| znodes.iter().find(|znode| znode.path == *path)) else {
        return html! { <p class="note">{"Choose a znode. Arrow keys open and close it."}</p> };
    };
    let watchers: Vec<String> = props
        .answers
        .watches
        .iter()
        .filter(|watch| watch.path == znode.path)
        .map(|watch| format!("{} ({})", watch.owner, if watch.children { "its children" } else { "its data" }))
        .collect();
    let sessions = props.view.zookeeper.iter().flat_map(|server| &server.sessions);
    let owner =
        sessions.filter(|session| session.id == znode.ephemeral_owner).map(|session| session.owner.clone()).next();
    let open_session = {
        let (dispatch, id) = (props.dispatch.clone(), znode.ephemeral_owner);
        Callback::from(move |_: MouseEvent| dispatch.emit(Action::Select(Some(Selection::Session(id).into()))))
    };
    html! {
        <>
            <h3 class="mono">{znode.path.to_string()}</h3>
            <pre class="data" data-test="state-znode-data">{if znode.data.is_empty() { "(no data)".to_owned() } else { pretty(&znode.data) }}</pre>
            <dl class="facts">
                <div><dt>{"Version of the data"}</dt><dd data-test="state-znode-version">{znode.version}</dd></div>
                <div><dt>{"Created by transaction (czxid)"}</dt><dd>{format!("0x{:x}", znode.czxid)}</dd></div>
                <div><dt>{"Ephemeral owner"}</dt><dd data-test="state-znode-owner">
                    if znode.ephemeral_owner == 0 { {"none: it is persistent"} } else {
                        <button class="link" onclick={open_session}>{format!("session 0x{:x}{}", znode.ephemeral_owner, owner.map(|owner| format!(" of {owner}")).unwrap_or_default())}</button>
                    }</dd></div>
                <div><dt>{"Watched by"}</dt><dd data-test="state-znode-watches">{if watchers.is_empty() { "nobody".to_owned() } else { watchers.join(", ") }}</dd></div>
            </dl>
        </>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn children_stand_below_their_parent_and_only_if_it_is_open() {
        let znode =
            |path: &str| ZnodeView { path: path.into(), data: "".into(), version: 0, czxid: 1, ephemeral_owner: 0 };
        let all = ["/", "/a", "/a-b", "/a/x", "/a/x/y", "/b"].map(znode);
        let names = |open: &[&str]| {
            let open = open.iter().map(|path| Name::from(*path)).collect();
            visible(&all, &open).iter().map(|row| row.znode.path.to_string()).collect::<Vec<_>>()
        };
        assert_eq!(names(&[]), ["/a", "/a-b", "/b"]);
        assert_eq!(names(&["/a"]), ["/a", "/a/x", "/a-b", "/b"]);
        assert_eq!(names(&["/a/x"]), ["/a", "/a-b", "/b"]);
        assert_eq!(names(&["/a", "/a/x"]), ["/a", "/a/x", "/a/x/y", "/a-b", "/b"]);
    }
}
