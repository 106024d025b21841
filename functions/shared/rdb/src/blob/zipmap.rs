//! Zipmaps: the hashes of Redis before 2.6.
