//! How to read the picture.

use yew::prelude::*;

const INK: &str = "var(--ink)";
const LINE: &str = "var(--line)";
const HUE: &str = "var(--p1)";
const NONE: &str = "none";

/// A path: its way, its stroke and how wide that is, what fills it.
type Way = (&'static str, &'static str, &'static str, &'static str);
/// A word: where its middle stands, what it says, its colour.
type Word = (&'static str, &'static str, &'static str, &'static str);

/// Four cells of a leader, high and filled.
const LEADER: &[Way] = &[("M3 6H59V26H3ZM17 6V26M31 6V26M45 6V26", "var(--q1)", "1", HUE)];
/// Four cells of a follower, low and outlined.
const FOLLOWER: &[Way] = &[("M3 9H59V23H3ZM17 9V23M31 9V23M45 9V23", HUE, "1.6", NONE)];
const WATERMARK: &[Way] =
    &[("M2 28H46", LINE, "1.5", NONE), ("M44 3V31", INK, "2.2", NONE), ("M12 3H44V17H12L16 10Z", NONE, "0", INK)];
const MESSAGE: &[Way] = &[("M2 16H34", HUE, "1.2", NONE), ("M34 8H48L54 16L48 24H34Z", NONE, "0", HUE)];
const COMMITTED: &[Way] = &[
    ("M8 8H56", LINE, "1.5", NONE),
    ("M28 5H50", HUE, "4", NONE),
    ("M28 5V26", INK, "1.8", NONE),
    ("M28 26L18 22.5L28 19Z", NONE, "0", INK),
];
const DEADLINE: &[Way] = &[
    ("M22 6A10 10 0 1 1 21.9 6Z", LINE, "3.5", NONE),
    ("M22 6A10 10 0 1 1 12.5 13", INK, "3.5", NONE),
    ("M46 25V9L55 12L46 15", INK, "1.5", INK),
];
const CONTROLLER: &[Way] =
    &[("M32 7L34.4 13L41 13.4L36 17.6L37.6 24L32 20.5L26.4 24L28 17.6L23 13.4L29.6 13Z", NONE, "0", INK)];
const DEAD: &[Way] = &[
    (
        "M3 6H8M13 6H18M23 6H28M33 6H38M43 6H48M53 6H61V11M61 16V21M61 26H56M51 26H46M41 26H36M31 26H26M21 26H16M11 26H3V21M3 16V11",
        "var(--red)",
        "1.5",
        NONE,
    ),
    ("M26 10L38 22M38 10L26 22", "var(--red)", "2.4", NONE),
];
/// Three brokers, and which way what goes: every way is told by its direction alone.
const DIRECTIONS: &[Way] = &[
    ("M74 18H178V44H74ZM74 54H178V80H74ZM74 90H178V116H74Z", "var(--edge)", "1", "var(--row)"),
    ("M75.5 18V44M75.5 54V80M75.5 90V116", INK, "3", NONE),
    ("M98 26H142V36H98ZM98 98H142V108H98Z", HUE, "1.6", NONE),
    ("M98 62H142V72H98Z", HUE, "1.6", HUE),
    ("M120 2V56M134 72V144M106 62V33M106 72V92M184 31H226M226 67H186M72 67H76M80 67H84M88 67H92", INK, "1.6", NONE),
    (
        "M120 62L116 54H124ZM134 150L130 142H138ZM106 28L102 36H110ZM106 98L102 90H110ZM232 31L224 27V35ZM180 67L188 63V71Z",
        NONE,
        "0",
        INK,
    ),
];

const LETTERS_OF_LEADER: &[Word] = &[
    ("10", "20", "C", "var(--q1)"),
    ("24", "20", "D", "var(--q1)"),
    ("38", "20", "C", "var(--q1)"),
    ("52", "20", "C", "var(--q1)"),
];
const LETTERS_OF_FOLLOWER: &[Word] =
    &[("10", "20", "C", INK), ("24", "20", "D", INK), ("38", "20", "C", INK), ("52", "20", "C", INK)];
const WORDS_OF_DIRECTIONS: &[Word] = &[
    ("145", "12", "writes", INK),
    ("52", "71", "copies", INK),
    ("209", "53", "decisions", INK),
    ("162", "146", "readers", INK),
];

fn drawing(ways: &[Way], words: &[Word]) -> Html {
    let way = |(d, stroke, width, fill): &Way| {
        html! { <path d={*d} stroke={*stroke} stroke-width={*width} fill={*fill} stroke-linejoin="round" /> }
    };
    let word = |(x, y, text, fill): &Word| {
        html! { <text x={*x} y={*y} text-anchor="middle" fill={*fill}>{*text}</text> }
    };
    html! { <>{for ways.iter().map(way)}{for words.iter().map(word)}</> }
}

/// Each sign with what it says, its first words in bold.
const ENTRIES: [(&[Way], &[Word], &str, &str); 8] = [
    (LEADER, LETTERS_OF_LEADER, "Leader", ", solid. The only copy that takes writes."),
    (FOLLOWER, LETTERS_OF_FOLLOWER, "Follower", ", outlined. Copies the leader, record by record."),
    (
        WATERMARK,
        &[("30", "14", "HW 5", "var(--inv)")],
        "High watermark.",
        " What is left of it is on every in-sync copy; consumers read up to here.",
    ),
    (MESSAGE, &[("42", "20", "C", "var(--q1)")], "A message", " carries its records. The point shows its way."),
    (COMMITTED, &[], "Committed offset", " of a group; the bar is its lag."),
    (DEADLINE, &[], "A deadline", " drains. Every heartbeat refills it."),
    (CONTROLLER, &[], "Controller.", " One broker that decides who leads."),
    (DEAD, &[], "Dead or lost", ": red, and always crossed."),
];

/// The legend.
pub fn legend() -> Html {
    let entry = |(ways, words, first, rest): (&[Way], &[Word], &str, &str)| {
        html! {
            <>
                <svg width="64" height="32" viewBox="0 0 64 32" aria-hidden="true">{drawing(ways, words)}</svg>
                <span><b>{first.to_owned()}</b>{rest.to_owned()}</span>
            </>
        }
    };
    html! {
        <>
            <h2 class="title">{"How to read the picture"}</h2>
            <p class="sub">{"Press anything to see what it knows."}</p>
            <div class="legend">{for ENTRIES.into_iter().map(entry)}</div>
            <span class="grow"></span>
            <b class="directions-title">{"Direction has a meaning"}</b>
            <svg class="directions" viewBox="0 0 250 152" aria-hidden="true">{drawing(DIRECTIONS, WORDS_OF_DIRECTIONS)}</svg>
            <p class="note">{"Rows are brokers, columns are partitions. Writes come from above, copies travel inside a column, \
                readers stand below, decisions run sideways."}</p>
        </>
    }
}
