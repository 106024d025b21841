//! What the entries of a stream's listpack mean.
