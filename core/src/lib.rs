//! A whole Apache Kafka 3.9 cluster as a deterministic simulation.
//!
//! There is no clock, no socket, no thread, no floating point, no hash map and no randomness of the
//! operating system in this crate: the state at any time is a function of (genesis, seed, journal of
//! commands). One [`sim`] step runs one event; a [`machine::Machine`] takes one input to completion
//! and returns effects; the world carries them out before the next input.
//!
//! Reading order: `ids time rng json config` → `log` → `protocol` → `machine` → `client` → the processes
//! (`zookeeper broker controller group transaction producer consumer admin`) → `transform` → `sim` → `invariant view` →
//! `command timeline lesson`. A module imports only from those before it.

pub mod admin;
pub mod beside;
pub mod broker;
pub mod client;
pub mod collections;
pub mod command;
pub mod config;
pub mod consumer;
pub mod controller;
pub mod group;
pub mod guard;
pub mod ids;
pub mod invariant;
pub mod json;
pub mod lesson;
pub mod log;
pub mod machine;
pub mod producer;
pub mod protocol;
pub mod rng;
pub mod shell;
pub mod sim;
pub mod take_home;
pub mod time;
pub mod timeline;
pub mod transaction;
pub mod transform;
pub mod view;
pub mod zk_client;
pub mod zookeeper;
