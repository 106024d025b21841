use super::CallErrorKind as K;
use super::*;
use std::collections::BTreeSet;

/// Codes that mean the same whatever the text and the HTTP status, by the services' own lists of errors.
const CODES: &[(K, &[&str])] = &[
    (K::Throttled, &["Throttling", "ThrottlingException", "Throttled"]),
    (K::Throttled, &["ThrottledException", "RequestLimitExceeded"]),
    (K::Throttled, &["TooManyRequestsException", "SlowDown"]),
    (K::Throttled, &["APICallRateForCustomerExceeded"]),
    // SNS and Step Functions each spell what KMS answers them in their own way.
    (K::Throttled, &["KMSThrottling", "KMSThrottlingException"]),
    (K::Throttled, &["KmsThrottlingException"]),
    (
        K::CredentialsExpired,
        &["ExpiredToken", "ExpiredTokenException", "HTTP 400"],
    ),
    (K::CredentialsExpired, &["RequestExpired"]),
    (K::CredentialsExpired, &["InvalidCredentialsException"]),
    (
        K::CredentialsExpired,
        &["RequestTimeTooSkewed", "RequestInTheFuture"],
    ),
    (K::AccessDenied, &["AccessDenied", "AccessDeniedException"]),
    (K::AccessDenied, &["AuthorizationError", "OptInRequired"]),
    (K::AccessDenied, &["AuthorizationErrorException"]),
    (
        K::AccessDenied,
        &["InvalidClientTokenId", "SignatureDoesNotMatch"],
    ),
    (K::AccessDenied, &["KMSAccessDenied", "KMSAccessDeniedException"]),
    (K::AccessDenied, &["KmsAccessDeniedException"]),
    (K::CacheNotFound, &["CacheClusterNotFound"]),
    (K::CacheNotFound, &["ReplicationGroupNotFoundFault"]),
    (K::CacheNotFound, &["ServerlessCacheNotFoundFault"]),
    (K::InvalidCacheState, &["InvalidCacheClusterState"]),
    (K::InvalidCacheState, &["InvalidReplicationGroupState"]),
    (K::InvalidCacheState, &["InvalidServerlessCacheStateFault"]),
    (K::SnapshotNotFound, &["SnapshotNotFoundFault"]),
    (K::SnapshotNotFound, &["ServerlessCacheSnapshotNotFoundFault"]),
    (K::SnapshotAlreadyExists, &["SnapshotAlreadyExistsFault"]),
    (
        K::SnapshotAlreadyExists,
        &["ServerlessCacheSnapshotAlreadyExistsFault"],
    ),
    (K::InvalidSnapshotState, &["InvalidSnapshotState"]),
    (
        K::InvalidSnapshotState,
        &["InvalidServerlessCacheSnapshotStateFault"],
    ),
    (K::SnapshotQuotaExceeded, &["SnapshotQuotaExceededFault"]),
    (
        K::SnapshotQuotaExceeded,
        &["ServerlessCacheSnapshotQuotaExceededFault"],
    ),
    (K::NotSupported, &["SnapshotFeatureNotSupportedFault"]),
    (K::BucketNotFound, &["NoSuchBucket"]),
    (K::NotFound, &["NoSuchKey", "NoSuchVersion", "NotFound"]),
    (K::NotFound, &["NotFoundException", "ExecutionDoesNotExist"]),
    (K::PreconditionFailed, &["PreconditionFailed"]),
    (K::ConditionalConflict, &["ConditionalRequestConflict"]),
    (K::BucketWrongRegion, &["PermanentRedirect"]),
    (K::BucketWrongRegion, &["AuthorizationHeaderMalformed"]),
    (K::BucketWrongRegion, &["IllegalLocationConstraintException"]),
];

/// Texts under one of ElastiCache's `InvalidParameter*` codes (user guide, exporting a backup).
const TEXTS: [(K, &str); 12] = [
    (K::BucketWrongRegion, "The S3 bucket b is outside of the region"),
    (K::BucketNotFound, "The S3 bucket b does not exist"),
    (
        K::BucketNotOwned,
        "The S3 bucket b is not owned by the authenticated user",
    ),
    (
        K::BucketNotGranted,
        "ElastiCache has not been granted WRITE permissions b on the S3 Bucket",
    ),
    (
        K::ExportExists,
        "The S3 bucket b already contains an object with key k",
    ),
    (
        K::BucketNotValidated,
        "Elasticache was unable to validate the authenticated user has access on the S3 bucket b",
    ),
    (
        K::AccessDenied,
        "The authenticated user does not have sufficient permissions",
    ),
    (K::NotSupported, "a snapshot under a customer managed key"),
    (K::NotSupported, "nodes with Data Tiering are not supported"),
    (K::Unexpected, "the parameter group does not exist"),
    (K::Unexpected, "MaxRecords must be 20 to 50"),
    (K::Unexpected, ""),
];

/// What a code that nobody knows means by its HTTP status.
const STATUSES: [(Option<u16>, K, &str); 13] = [
    (None, K::ServiceUnavailable, "no answer came"),
    (Some(500), K::ServiceUnavailable, "the service broke"),
    (Some(503), K::ServiceUnavailable, "the service is away"),
    (Some(599), K::ServiceUnavailable, "the last of them"),
    (Some(408), K::ServiceUnavailable, "the request took too long"),
    (Some(429), K::Throttled, "too many requests"),
    (Some(403), K::AccessDenied, "forbidden"),
    (Some(404), K::NotFound, "S3 answers a head request without a code"),
    (Some(409), K::ConditionalConflict, "two writes met"),
    (Some(412), K::PreconditionFailed, "a condition did not hold"),
    (Some(400), K::Unexpected, "bad in a way that nobody knows"),
    (Some(301), K::Unexpected, "a redirect without a code"),
    (Some(200), K::Unexpected, "an error inside of a success"),
];

/// The name under which each kind fails where the function knows nothing better.
const NAMES: [(K, ErrorName); 21] = [
    (K::Throttled, ErrorName::Throttled),
    (K::ServiceUnavailable, ErrorName::ServiceUnavailable),
    (K::CredentialsExpired, ErrorName::ServiceUnavailable),
    (K::ConditionalConflict, ErrorName::ServiceUnavailable),
    (K::AccessDenied, ErrorName::AccessDenied),
    (K::CacheNotFound, ErrorName::CacheNotFound),
    (K::InvalidCacheState, ErrorName::CacheBusy),
    (K::SnapshotNotFound, ErrorName::SnapshotVanished),
    (K::SnapshotAlreadyExists, ErrorName::SnapshotForeign),
    (K::InvalidSnapshotState, ErrorName::SnapshotBusy),
    (K::SnapshotQuotaExceeded, ErrorName::SnapshotQuotaExceeded),
    (K::NotSupported, ErrorName::Unsupported),
    (K::BucketNotGranted, ErrorName::BucketNotGranted),
    (K::BucketWrongRegion, ErrorName::BucketWrongRegion),
    (K::BucketNotFound, ErrorName::BucketNotFound),
    (K::BucketNotOwned, ErrorName::BucketNotOwned),
    (K::BucketNotValidated, ErrorName::BucketNotValidated),
    (K::ExportExists, ErrorName::Unexpected),
    (K::NotFound, ErrorName::Unexpected),
    (K::PreconditionFailed, ErrorName::Unexpected),
    (K::Unexpected, ErrorName::Unexpected),
];

fn kind(code: &str, message: &str, status: Option<u16>) -> K {
    CallError::judge("CopySnapshot", code, message, status).kind
}

#[test]
fn a_signature_of_another_time_is_no_wrong_one() {
    let texts = [
        (
            "Signature expired: 20260304T015000Z is now earlier than 20260304T020000Z (20260304T021500Z - 15 min.)",
            K::CredentialsExpired,
            "the caller's clock is behind",
        ),
        (
            "Signature not yet current: 20260304T023000Z is still later than 20260304T021500Z (20260304T020000Z + 15 min.)",
            K::CredentialsExpired,
            "it is ahead",
        ),
        (
            "The request signature we calculated does not match the signature you provided.",
            K::AccessDenied,
            "the key is wrong",
        ),
    ];
    for (text, want, why) in texts {
        assert_eq!(kind("SignatureDoesNotMatch", text, Some(403)), want, "{why}");
    }
}

#[test]
fn a_known_code_goes_before_text_and_status() {
    for (want, codes) in CODES {
        for code in *codes {
            for status in [None, Some(400), Some(403), Some(404), Some(500)] {
                let text = "The S3 bucket b is outside of the region";
                assert_eq!(kind(code, text, status), *want, "{code} {status:?}");
            }
        }
    }
}

#[test]
fn a_bucket_error_is_known_by_its_text() {
    for (want, text) in TEXTS {
        for code in ["InvalidParameterValue", "InvalidParameterCombination"] {
            assert_eq!(kind(code, text, Some(400)), want, "{code}: {text}");
            assert_eq!(kind(code, &text.to_uppercase(), Some(400)), want, "case: {text}");
        }
    }
}

#[test]
fn an_unknown_code_is_judged_by_its_status() {
    for (status, want, why) in STATUSES {
        assert_eq!(kind("SomethingNew", "what now", status), want, "{why}");
    }
}

#[test]
fn every_kind_is_met_and_has_a_name() {
    let met = CODES.iter().map(|(kind, _)| kind);
    let met = met.chain(TEXTS.iter().map(|(kind, _)| kind));
    let met: BTreeSet<String> = met
        .chain(STATUSES.iter().map(|(_, kind, _)| kind))
        .map(|kind| format!("{kind:?}"))
        .collect();
    let named = NAMES.iter().map(|(kind, _)| format!("{kind:?}"));
    assert_eq!(
        named.collect::<BTreeSet<_>>(),
        met,
        "a kind that nothing leads to"
    );
    for (kind, want) in NAMES {
        assert_eq!(ErrorName::from(kind), want, "{kind:?}");
    }
}

#[test]
fn an_unmapped_code_keeps_its_text() {
    let call = CallError::judge("CopySnapshot", "Odd", "what now", Some(400));
    let error = Error::from(call.clone());
    assert_eq!(error.name, ErrorName::Unexpected);
    assert_eq!(error.message, "CopySnapshot answered `Odd`: what now");
    assert_eq!(error.source, Some(call), "the call stays the source");
}

#[test]
fn no_text_shows_a_signed_request() {
    let why = "The request signature we calculated does not match the signature you provided.";
    let shown = "'POST\n/\n\nhost:h\nx-amz-date:d\nx-amz-security-token:secret\n\nhost'";
    for (message, why_cut) in [
        (
            format!("{why}\n\nThe Canonical String for this request should have been\n{shown}"),
            "as the services write it",
        ),
        (
            format!("{why} X-Amz-Security-Token:secret"),
            "the header alone, however it is spelled",
        ),
    ] {
        let told = CallError::judge("CopySnapshot", "SignatureDoesNotMatch", &message, Some(403));
        assert_eq!(told.message, why, "{why_cut}");
    }
    let plain = CallError::judge("CopySnapshot", "Odd", "a text of its own", Some(400));
    assert_eq!(plain.message, "a text of its own");
}
