//! The same scenarios natively and as a WebAssembly module without imports. A page loads the module
//! with plain `WebAssembly.instantiate`: there is nothing between core and the browser's own machine.

#[path = "../../src/scenarios.rs"]
pub mod scenarios;

/// How many scenarios there are.
#[allow(unsafe_code, reason = "a plain export for a page without wasm-bindgen needs a fixed symbol name")]
#[unsafe(no_mangle)]
pub extern "C" fn scenario_count() -> u32 {
    u32::try_from(scenarios::NAMES.len()).unwrap_or(0)
}

/// Plays a scenario and gives its fingerprint; 0 if there is none with this number.
#[allow(unsafe_code, reason = "a plain export for a page without wasm-bindgen needs a fixed symbol name")]
#[unsafe(no_mangle)]
pub extern "C" fn fingerprint(scenario: u32) -> u64 {
    let name = usize::try_from(scenario).ok().and_then(|number| scenarios::NAMES.get(number));
    name.map_or(0, |name| scenarios::fingerprint(name))
}
