//! Which engine reads a file back.

/// The oldest engine that reads an RDB version, spelled as its own project does, or `None` for a version that
/// no engine known here writes.
///
/// `RDB_VERSION` in rdb.h of Redis 3.2 to 8.10 and Valkey 7.2 to 9.1. Version 11 is written by both engines since
/// their 7.2; the source's own is named, because it is where a restore most likely goes.
pub(crate) fn minimum_engine(rdb_version: u32, source: Option<&str>) -> Option<&'static str> {
    Some(match rdb_version {
        0..=7 => "redis 3.2",
        8 => "redis 4.0",
        9 => "redis 5.0",
        10 => "redis 7.0",
        11 if source == Some("valkey") => "valkey 7.2",
        11 => "redis 7.2",
        12 => "redis 7.4",
        13 => "redis 8.6",
        14 => "redis 8.8",
        15 => "redis 8.10",
        80 => "valkey 9.0",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_version_has_its_oldest_reader() {
        for (version, source, want, why) in [
            (7, None, Some("redis 3.2"), "the oldest that was traced"),
            (9, Some("redis"), Some("redis 5.0"), "6.0 and 6.2 write it too"),
            (10, Some("redis"), Some("redis 7.0"), "ElastiCache's 7.1 too"),
            (11, Some("redis"), Some("redis 7.2"), "the source's engine"),
            (11, Some("valkey"), Some("valkey 7.2"), "8.0 and 8.1 write it too"),
            (11, None, Some("redis 7.2"), "no engine told"),
            (12, Some("redis"), Some("redis 7.4"), "not in ElastiCache"),
            (80, Some("valkey"), Some("valkey 9.0"), "Valkey's own numbers"),
            (16, Some("redis"), None, "not known yet"),
            (79, None, None, "between the two"),
            (81, Some("valkey"), None, "not known yet"),
        ] {
            assert_eq!(minimum_engine(version, source), want, "{version}: {why}");
        }
    }
}
