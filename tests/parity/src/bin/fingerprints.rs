//! Plays every scenario natively; prints `fingerprint NUMBER NAME VALUE` for each.

use playground_parity::scenarios;

fn main() {
    for (number, name) in (0u32..).zip(scenarios::NAMES) {
        let value = scenarios::fingerprint(name);
        println!("fingerprint {number} {name} {value:016x}");
    }
}
