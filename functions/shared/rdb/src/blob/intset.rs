//! Intsets: sorted integers of one width.
