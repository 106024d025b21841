//! Ziplists: entries with the length of the one before in front of each.
