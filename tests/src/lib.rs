//! Tests of the whole: recorded cases of Apache Kafka, determinism, the fault sweep.

pub mod asked;
#[cfg(not(target_arch = "wasm32"))]
pub mod clients_sweep;
#[cfg(not(target_arch = "wasm32"))]
pub mod conformance;
#[cfg(not(target_arch = "wasm32"))]
pub mod guards;
pub mod jepsen;
#[cfg(not(target_arch = "wasm32"))]
pub mod lesson_check;
pub mod lesson_terms;
pub mod scenarios;
#[cfg(not(target_arch = "wasm32"))]
pub mod seeds;
#[cfg(not(target_arch = "wasm32"))]
pub mod sweep;
#[cfg(not(target_arch = "wasm32"))]
pub mod take_home;
