//! Listpacks: entries with a length behind each.
