//! How to read the picture.

use yew::prelude::*;

const LETTERS: [&str; 4] = ["C", "D", "C", "C"];

fn tape(leader: bool) -> Html {
    let (y, height, fill) = if leader { (4.0, 20.0, "var(--p1)") } else { (7.0, 14.0, "none") };
    let ink = if leader { "var(--q1)" } else { "var(--ink)" };
    let stroke = "var(--p1)";
    let cell = |at: usize| {
        let x = 3.0 + at as f64 * 14.0;
        html! {
            <g>
                <rect x={x.to_string()} y={y.to_string()} width="14" height={height.to_string()} {fill} {stroke} stroke-width="1.6" />
                <text x={(x + 7.0).to_string()} y={(y + height / 2.0 + 4.0).to_string()} font-size="11" font-weight="600" text-anchor="middle" fill={ink}>{LETTERS[at]}</text>
            </g>
        }
    };
    html! { <svg width="64" height="28" viewBox="0 0 64 28" aria-hidden="true"><g>{for (0..4).map(cell)}</g></svg> }
}

fn drawing(body: Html) -> Html {
    html! { <svg width="64" height="32" viewBox="0 0 64 32" aria-hidden="true">{body}</svg> }
}

fn watermark() -> Html {
    drawing(html! {
        <g>
            <path d="M2 28H46" stroke="var(--line)" stroke-width="1.5" />
            <path d="M44 3V31" stroke="var(--ink)" stroke-width="2.2" />
            <path d="M16 3H44V17H16L20 10Z" fill="var(--ink)" />
            <text x="31" y="14" font-size="11" font-weight="600" text-anchor="middle" textLength="25" lengthAdjust="spacingAndGlyphs" fill="var(--inv)">{"HW 5"}</text>
        </g>
    })
}

fn message() -> Html {
    drawing(html! {
        <g>
            <path d="M2 16H34" stroke="var(--p1)" stroke-width="2" opacity=".5" />
            <path d="M34 8H48L54 16L48 24H34Z" fill="var(--p1)" />
            <text x="42" y="20" font-size="11" font-weight="600" text-anchor="middle" fill="var(--q1)">{"C"}</text>
        </g>
    })
}

fn committed() -> Html {
    drawing(html! {
        <g>
            <path d="M8 8H56" stroke="var(--line)" stroke-width="1.5" />
            <path d="M28 5H50" stroke="var(--p1)" stroke-width="4" />
            <path d="M28 5V26" stroke="var(--ink)" stroke-width="1.8" />
            <path d="M28 26L18 22.5L28 19Z" fill="var(--ink)" />
        </g>
    })
}

fn deadline() -> Html {
    drawing(html! {
        <g>
            <circle cx="22" cy="16" r="10" fill="none" stroke="var(--line)" stroke-width="3.5" />
            <path d="M22 6A10 10 0 1 1 12.5 13" fill="none" stroke="var(--ink)" stroke-width="3.5" />
            <path d="M46 25V9L55 12L46 15" stroke="var(--ink)" stroke-width="1.5" fill="var(--ink)" />
        </g>
    })
}

fn dead() -> Html {
    drawing(html! {
        <g>
            <rect x="3" y="6" width="58" height="20" rx="3" fill="none" stroke="var(--red)" stroke-width="1.5" stroke-dasharray="5 3" />
            <path d="M26 10L38 22M38 10L26 22" stroke="var(--red)" stroke-width="2.4" stroke-linecap="round" />
        </g>
    })
}

fn controller() -> Html {
    drawing(html! {
        <path d="M32 7L34.4 13L41 13.4L36 17.6L37.6 24L32 20.5L26.4 24L28 17.6L23 13.4L29.6 13Z" fill="var(--ink)" />
    })
}

/// Three brokers, and which way what goes: every way is told by its direction alone.
fn directions() -> Html {
    let row = |(y, leads): (u32, bool)| {
        let fill = if leads { "var(--p1)" } else { "none" };
        html! {
            <g>
                <rect x="74" y={y.to_string()} width="104" height="26" rx="3" fill="var(--row)" stroke="var(--edge)" />
                <path d={format!("M75.5 {y}v26")} stroke="var(--ink)" stroke-width="3" />
                <rect x="98" y={(y + 8).to_string()} width="44" height="10" {fill} stroke="var(--p1)" stroke-width="1.6" />
            </g>
        }
    };
    let word = |(x, y, anchor, text): (&'static str, &'static str, &'static str, &'static str)| {
        html! { <text {x} {y} text-anchor={anchor} font-size="12" font-weight="500" fill="var(--ink)">{text}</text> }
    };
    let words = [
        ("128", "12", "start", "writes"),
        ("68", "71", "end", "copies"),
        ("184", "57", "start", "decisions"),
        ("142", "146", "start", "readers"),
    ];
    html! {
        <svg class="directions" viewBox="0 0 250 152" aria-hidden="true">
            {for [(18, false), (54, true), (90, false)].into_iter().map(row)}
            <g fill="none" stroke="var(--ink)" stroke-width="1.6">
                <path d="M120 2V56M134 72V144M106 62V33M106 72V92M184 31H226M226 67H186" />
                <path d="M72 67H98" stroke-dasharray="1 3" />
            </g>
            <path d="M120 62L116 54H124ZM134 150L130 142H138ZM106 28L102 36H110ZM106 98L102 90H110ZM232 31L224 27V35ZM180 67L188 63V71Z" fill="var(--ink)" />
            {for words.into_iter().map(word)}
        </svg>
    }
}

/// The legend.
#[component]
pub fn Legend() -> Html {
    html! {
        <>
            <h2 class="title">{"How to read the picture"}</h2>
            <p class="sub">{"Press anything to see what it knows."}</p>
            <div class="legend">
                {tape(true)}<span><b>{"Leader"}</b>{", solid. The only copy that takes writes."}</span>
                {tape(false)}<span><b>{"Follower"}</b>{", outlined. Copies the leader, record by record."}</span>
                {watermark()}<span><b>{"High watermark."}</b>{" What is left of it is on every in-sync copy; consumers read up to here."}</span>
                {message()}<span><b>{"A message"}</b>{" carries its records. The point shows its way."}</span>
                {committed()}<span><b>{"Committed offset"}</b>{" of a group; the bar is its lag."}</span>
                {deadline()}<span><b>{"A deadline"}</b>{" drains. Every heartbeat refills it."}</span>
                {controller()}<span><b>{"Controller."}</b>{" One broker that decides who leads."}</span>
                {dead()}<span><b>{"Dead or lost"}</b>{": red, and always crossed."}</span>
            </div>
            <span class="grow"></span>
            <b class="directions-title">{"Direction has a meaning"}</b>
            {directions()}
            <p class="note">{"Rows are brokers, columns are partitions. Writes come from above, copies travel inside a column, \
                readers stand below, decisions run sideways."}</p>
        </>
    }
}
