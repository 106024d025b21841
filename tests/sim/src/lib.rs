//! The proof in process: the real state machine file interpreted, a fake AWS world, virtual time.

pub mod asl;
pub mod matrix;
pub mod model;
pub mod ports;
pub mod scale;
pub mod stage;
pub mod trace;
pub mod world;
