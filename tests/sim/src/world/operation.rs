//! The operations that the world models; every other one is refused by the wire layer.

use crate::world::error::AwsError;
use serde::{Deserialize, Serialize};

/// A service of the world.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Service {
    /// Amazon `ElastiCache`, Query protocol.
    ElastiCache,
    /// Amazon S3, REST.
    S3,
    /// Amazon SNS, Query protocol.
    Sns,
}

macro_rules! operations {
    ($($service:ident { $($name:ident),+ $(,)? })+) => {
        /// An operation, spelled as AWS spells it.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum Operation {
            $($(#[doc = concat!("`", stringify!($name), "` of ", stringify!($service), ".")] $name,)+)+
        }

        impl Operation {
            /// All operations, in reading order.
            pub const ALL: &[Self] = &[$($(Self::$name,)+)+];

            /// The name on the wire.
            pub const fn name(self) -> &'static str {
                match self { $($(Self::$name => stringify!($name),)+)+ }
            }

            /// The service that answers it.
            pub const fn service(self) -> Service {
                match self { $($(Self::$name => Service::$service,)+)+ }
            }
        }
    };
}

operations! {
    ElastiCache {
        DescribeReplicationGroups, DescribeCacheClusters, DescribeServerlessCaches,
        CreateSnapshot, DescribeSnapshots, CopySnapshot, DeleteSnapshot,
        CreateServerlessCacheSnapshot, DescribeServerlessCacheSnapshots,
        ExportServerlessCacheSnapshot, DeleteServerlessCacheSnapshot,
        ListTagsForResource, AddTagsToResource, DescribeEvents,
    }
    S3 {
        ListBuckets, HeadBucket, GetBucketLocation,
        PutObject, GetObject, HeadObject, DeleteObject, DeleteObjects,
        ListObjectsV2, ListObjectVersions,
        PutObjectTagging, GetObjectTagging, DeleteObjectTagging,
    }
    Sns { ListTopics, Publish }
}

/// Whether an operation of that name only reads, by the words that AWS begins such names with.
pub fn reads(name: &str) -> bool {
    ["Describe", "List", "Get", "Head"]
        .iter()
        .any(|word| name.starts_with(word))
}

impl Operation {
    /// The operation of that name, if the world models it.
    pub fn named(service: Service, name: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .copied()
            .find(|operation| operation.service() == service && operation.name() == name)
    }

    /// The operation of that name, whichever service has it, if the world models it: no two services share a name.
    pub fn spelled(name: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .copied()
            .find(|operation| operation.name() == name)
    }

    /// Whether a success changes the world.
    pub fn mutates(self) -> bool {
        !reads(self.name())
    }

    /// How the service says "slow down": `ElastiCache` answers 400 (re:Post `elasticache-fix-status-code-400`), and so
    /// does SNS, whose model has `Throttled` for text messages only (seen in amzn/smoke-aws#149).
    pub fn throttled(self) -> AwsError {
        match self.service() {
            Service::ElastiCache | Service::Sns => AwsError::bad_request("Throttling", "Rate exceeded"),
            Service::S3 => AwsError::new(503, "SlowDown", "Please reduce your request rate."),
        }
    }

    /// How the service reports a failure of its own.
    pub fn internal_error(self) -> AwsError {
        let code = match self.service() {
            Service::ElastiCache => "InternalFailure",
            Service::S3 | Service::Sns => "InternalError",
        };
        AwsError::new(500, code, "We encountered an internal error. Please try again.")
    }

    /// How the service refuses a caller without the permission.
    pub fn denied(self) -> AwsError {
        let text = format!("User is not authorized to perform: {}", self.name());
        match self.service() {
            Service::ElastiCache => AwsError::new(403, "AccessDenied", text),
            Service::S3 => AwsError::new(403, "AccessDenied", "Access Denied"),
            Service::Sns => AwsError::new(403, "AuthorizationError", text),
        }
    }

    /// How the service refuses a session that is over.
    pub fn expired(self) -> AwsError {
        let status = if self.service() == Service::S3 { 400 } else { 403 };
        AwsError::new(
            status,
            "ExpiredToken",
            "The security token included in the request is expired",
        )
    }
}
