//! Who may depend on whom, decided from the manifests and from the trees that Cargo resolves.
//!
//! Each rule is a function to its complaints. It has none about the workspace as it stands, and each is shown
//! something broken as well, so that a rule that sees nothing is itself seen.

mod controls;
mod members;
mod rules;
mod trees;
