//! Which cache: its kind and id.

use serde::{Deserialize, Serialize};

/// The three things ElastiCache calls a cache and can snapshot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CacheKind {
    /// A replication group, cluster mode disabled or enabled.
    ReplicationGroup,
    /// A stand-alone node.
    CacheCluster,
    /// A serverless cache.
    ServerlessCache,
}

impl CacheKind {
    /// All kinds.
    pub const ALL: [Self; 3] = [Self::ReplicationGroup, Self::CacheCluster, Self::ServerlessCache];

    /// The word used in inputs, keys and tags.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ReplicationGroup => "replication-group",
            Self::CacheCluster => "cache-cluster",
            Self::ServerlessCache => "serverless-cache",
        }
    }

    /// The kind behind its word.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }
}

impl std::fmt::Display for CacheKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A cache id under ElastiCache's naming rules, in lower case as ElastiCache stores it.
///
/// 1 to 50 letters, digits and hyphens, starting with a letter, no hyphen at the end, no two in a row
/// (`CreateCacheCluster` allows 50, `CreateReplicationGroup` and `CreateServerlessCache` 40; the shorter
/// bound is checked where the kind is known, in [`CacheRef`]).
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CacheId(String);

/// What is allowed as a cache id, for error texts.
const ALLOWED_ID: &str = "1 to 40 letters, digits and single hyphens (50 for a cache cluster), starting with \
                          a letter and not ending with a hyphen";

impl CacheId {
    /// The id in lower case, or why it cannot be one.
    pub fn parse(text: &str) -> Result<Self, String> {
        let id = text.to_ascii_lowercase();
        let legal = (1..=50).contains(&id.len())
            && id.starts_with(|c: char| c.is_ascii_lowercase())
            && !id.ends_with('-')
            && !id.contains("--")
            && id
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        if legal {
            Ok(Self(id))
        } else {
            Err(format!("`{text}` is no cache id, allowed is {ALLOWED_ID}"))
        }
    }

    /// The id as ElastiCache knows it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for CacheId {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text)
    }
}

impl From<CacheId> for String {
    fn from(id: CacheId) -> Self {
        id.0
    }
}

impl std::fmt::Display for CacheId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// One cache, named by kind and id.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "CacheFields", into = "CacheFields")]
pub struct CacheRef {
    /// Which of ElastiCache's three things it is.
    pub kind: CacheKind,
    /// Its id.
    pub id: CacheId,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct CacheFields {
    kind: CacheKind,
    id: CacheId,
}

impl TryFrom<CacheFields> for CacheRef {
    type Error = String;
    fn try_from(fields: CacheFields) -> Result<Self, String> {
        let bound = if fields.kind == CacheKind::CacheCluster {
            50
        } else {
            40
        };
        if fields.id.as_str().len() > bound {
            return Err(format!(
                "`{}` is no {} id, allowed is {ALLOWED_ID}",
                fields.id, fields.kind
            ));
        }
        Ok(Self {
            kind: fields.kind,
            id: fields.id,
        })
    }
}

impl From<CacheRef> for CacheFields {
    fn from(cache: CacheRef) -> Self {
        Self {
            kind: cache.kind,
            id: cache.id,
        }
    }
}

impl std::fmt::Display for CacheRef {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.kind, self.id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn ids_follow_elasticache() {
        let fifty = "a".repeat(50);
        let cases: &[(&str, Option<&str>, &str)] = &[
            ("orders", Some("orders"), "the ordinary case"),
            ("Orders-2", Some("orders-2"), "ElastiCache stores lower case"),
            ("a", Some("a"), "one letter is enough"),
            (&fifty, Some(&fifty), "a cache cluster may have fifty"),
            ("", None, "empty"),
            ("2orders", None, "starts with a digit"),
            ("-orders", None, "starts with a hyphen"),
            ("orders-", None, "ends with a hyphen"),
            ("or--ders", None, "two hyphens in a row"),
            ("or/ders", None, "a slash would break keys"),
            ("ordérs", None, "not ASCII"),
            (&"a".repeat(51), None, "too long for any kind"),
        ];
        for (given, want, why) in cases {
            assert_eq!(
                CacheId::parse(given).ok().as_ref().map(CacheId::as_str),
                *want,
                "{why}"
            );
        }
    }

    #[test]
    fn the_kind_bounds_the_length() {
        let of = |kind: &str, n: usize| {
            serde_json::from_value::<CacheRef>(serde_json::json!({"kind": kind, "id": "a".repeat(n)})).is_ok()
        };
        assert!(of("cache-cluster", 50) && of("replication-group", 40) && of("serverless-cache", 40));
        assert!(!of("replication-group", 41) && !of("serverless-cache", 41) && !of("cluster", 4));
    }

    #[test]
    fn a_refusal_says_what_was_given_and_what_is_allowed() {
        let error = |text: &str| serde_json::from_str::<CacheRef>(text).unwrap_err().to_string();
        let long = format!(r#"{{"kind": "serverless-cache", "id": "{}"}}"#, "a".repeat(41));
        let told = error(&long);
        assert!(
            told.contains("` is no serverless-cache id, allowed is 1 to 40 letters"),
            "{told}"
        );
        let told = error(r#"{"kind": "cache-cluster", "id": "Or--Ders"}"#);
        assert!(
            told.starts_with("`Or--Ders` is no cache id"),
            "spelled as it was given: {told}"
        );
    }

    #[test]
    fn kinds_read_back_and_nothing_else_is_one() {
        for kind in CacheKind::ALL {
            assert_eq!(CacheKind::parse(kind.as_str()), Some(kind));
            assert_eq!(
                serde_json::to_value(kind).unwrap(),
                kind.as_str(),
                "one word everywhere"
            );
        }
        for text in ["", "ReplicationGroup", "replication_group", "cache-clusters"] {
            assert_eq!(CacheKind::parse(text), None, "`{text}`");
        }
    }

    proptest! {
        #[test]
        fn what_is_an_id_stays_one_and_is_safe_in_keys(text in "[a-zA-Z0-9-]{0,52}|.{0,8}") {
            if let Ok(id) = CacheId::parse(&text) {
                prop_assert_eq!(id.as_str(), text.to_ascii_lowercase());
                prop_assert_eq!(CacheId::parse(id.as_str()), Ok(id.clone()), "reading it again changes nothing");
                prop_assert!(!id.as_str().contains(['/', '.', ',', ' ']) && id.as_str().len() <= 50);
            }
        }
    }
}
