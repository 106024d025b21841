//! Where the caches' data come from: real servers, filled and read over the replication protocol, or files.
//!
//! ```text
//! Program::find ─> Server (own folder, loopback, killed on drop) ─> dataset fills it
//!                     ├─ LiveContent: the replication protocol gives a snapshot its RDB file
//!                     ├─ Census: what is in it, to be compared with a server that loaded the exported file
//!                     └─ Inventory: its types and encodings, to be compared with what the verifier says of its file
//! ```

mod address;
mod census;
pub mod dataset;
mod error;
mod inventory;
mod live;
mod package;
mod program;
mod replication;
mod server;
mod shards;
pub mod staged;

pub use address::Address;
pub use census::{Census, Counts};
pub use error::{SourceError, one_line};
pub use inventory::Inventory;
pub use live::LiveContent;
pub use package::Package;
pub use program::{Engine, Program};
pub use replication::{Limits, copy_rdb};
pub use server::{Server, Setup};
pub use shards::{SLOTS, bounds, owner_of, start_shards};
