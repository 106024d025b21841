//! How every service client is set up: credentials, Region and endpoint from Lambda's own variables, one HTTPS
//! client for all, and how long a silent service is waited for.

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_async::rt::sleep::{SharedAsyncSleep, TokioSleep};
use aws_smithy_async::time::{SharedTimeSource, SystemTimeSource};
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use aws_smithy_runtime_api::client::behavior_version::BehaviorVersion;
use aws_smithy_runtime_api::client::http::{HttpClient, SharedHttpClient};
use aws_smithy_types::timeout::TimeoutConfig;
use aws_types::SdkConfig;
use aws_types::region::Region;
use backup_core::Error;
use std::sync::OnceLock;
use std::time::Duration;

/// How long one attempt waits for the first byte of an answer. Describe calls take well under a second; a
/// connection that went silent must not eat the function's own time-out, which is a crash to the state machine.
const READ_TIMEOUT: Duration = Duration::from_secs(20);

/// How long one operation may take with all its attempts, up to the beginning of the answer's body. Three attempts that
/// wait for [`READ_TIMEOUT`] each would be the whole minute that most functions have, and the state machine would hear
/// of a crash instead of a service that is silent.
const OPERATION_TIMEOUT: Duration = Duration::from_secs(45);

/// AWS as the functions see it: implements every port of the services that are compiled in, for one bucket.
///
/// Each service's client is made at its first call and kept.
///
/// `aws-config` is left out on purpose: in Lambda the credentials and the Region are environment variables, and
/// its chain of other sources (profiles, IMDS, STS) added 0.8 MB to a binary without ever being asked.
#[derive(Debug)]
pub struct Aws {
    config: SdkConfig,
    pub(crate) bucket: String,
    #[cfg(feature = "elasticache")]
    elasticache: OnceLock<aws_sdk_elasticache::Client>,
    #[cfg(feature = "s3")]
    s3: OnceLock<aws_sdk_s3::Client>,
    #[cfg(feature = "sns")]
    sns: OnceLock<aws_sdk_sns::Client>,
    #[cfg(feature = "sns")]
    pub(crate) topic_arn: Option<String>,
    #[cfg(feature = "sfn")]
    sfn: OnceLock<aws_sdk_sfn::Client>,
}

impl Aws {
    /// Reads variables through `variable`, which answers an error for one that is not set:
    /// `SNAPKEEP_BUCKET`, and Lambda's own `AWS_REGION`, `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, and where set `AWS_SESSION_TOKEN` and
    /// `AWS_ENDPOINT_URL`.
    ///
    /// An endpoint with an IP address is called path-style by the SDK's own endpoint rules, so none is set here.
    pub fn from_env(variable: impl Fn(&str) -> Result<String, Error>) -> Result<Self, Error> {
        Self::with_http_client(variable, https_client())
    }

    /// The same, publishing to the topic.
    #[cfg(feature = "sns")]
    #[must_use]
    pub fn publishing_to(mut self, topic_arn: impl Into<String>) -> Self {
        self.topic_arn = Some(topic_arn.into());
        self
    }

    pub(crate) fn with_http_client(
        variable: impl Fn(&str) -> Result<String, Error>,
        http: impl HttpClient + 'static,
    ) -> Result<Self, Error> {
        let credentials = Credentials::new(
            variable("AWS_ACCESS_KEY_ID")?,
            variable("AWS_SECRET_ACCESS_KEY")?,
            variable("AWS_SESSION_TOKEN").ok(),
            // Lambda renews the variables with the execution environment, long before they expire.
            None,
            "environment",
        );
        let mut config = SdkConfig::builder();
        config.set_endpoint_url(variable("AWS_ENDPOINT_URL").ok());
        let config = config
            .behavior_version(BehaviorVersion::v2026_01_12())
            .region(Region::new(variable("AWS_REGION")?))
            .credentials_provider(SharedCredentialsProvider::new(credentials))
            .http_client(http)
            .timeout_config(
                TimeoutConfig::builder()
                    .read_timeout(READ_TIMEOUT)
                    .operation_timeout(OPERATION_TIMEOUT)
                    .build(),
            )
            .sleep_impl(SharedAsyncSleep::new(TokioSleep::new()))
            .time_source(SharedTimeSource::new(SystemTimeSource::new()))
            .build();
        Ok(Self {
            config,
            bucket: variable("SNAPKEEP_BUCKET")?,
            #[cfg(feature = "elasticache")]
            elasticache: OnceLock::new(),
            #[cfg(feature = "s3")]
            s3: OnceLock::new(),
            #[cfg(feature = "sns")]
            sns: OnceLock::new(),
            #[cfg(feature = "sns")]
            topic_arn: None,
            #[cfg(feature = "sfn")]
            sfn: OnceLock::new(),
        })
    }

    #[cfg(feature = "elasticache")]
    pub(crate) fn elasticache(&self) -> &aws_sdk_elasticache::Client {
        self.elasticache
            .get_or_init(|| aws_sdk_elasticache::Client::new(&self.config))
    }

    #[cfg(feature = "s3")]
    pub(crate) fn s3(&self) -> &aws_sdk_s3::Client {
        self.s3.get_or_init(|| aws_sdk_s3::Client::new(&self.config))
    }

    #[cfg(feature = "sns")]
    pub(crate) fn sns(&self) -> &aws_sdk_sns::Client {
        self.sns.get_or_init(|| aws_sdk_sns::Client::new(&self.config))
    }

    #[cfg(feature = "sfn")]
    pub(crate) fn sfn(&self) -> &aws_sdk_sfn::Client {
        self.sfn.get_or_init(|| aws_sdk_sfn::Client::new(&self.config))
    }
}

/// The one HTTPS client. ring, because aws-lc-rs gathers jitter entropy at the first TLS use: 33 to 40 ms of CPU,
/// ten times the rest of a cold start. The roots are those of Lambda's image, which AWS keeps up to date; roots
/// compiled in would save about 1.5 ms and fail on the day they are replaced.
fn https_client() -> SharedHttpClient {
    aws_smithy_http_client::Builder::new()
        .tls_provider(Provider::Rustls(CryptoMode::Ring))
        .build_https()
}

#[cfg(test)]
mod tests {
    use super::*;
    use backup_core::ErrorName;

    fn from(set: &[(&str, &str)]) -> Result<Aws, Error> {
        Aws::from_env(|name| {
            let found = set.iter().find(|(key, _)| *key == name);
            found
                .map(|(_, value)| (*value).to_owned())
                .ok_or_else(|| Error::new(ErrorName::Unexpected, format!("`{name}` is not set")))
        })
    }

    const NEEDED: [(&str, &str); 4] = [
        ("SNAPKEEP_BUCKET", "backups-bucket"),
        ("AWS_REGION", "eu-west-1"),
        ("AWS_ACCESS_KEY_ID", "AKID"),
        ("AWS_SECRET_ACCESS_KEY", "hush-hush"),
    ];

    #[test]
    fn each_needed_variable_is_missed_by_name() {
        assert!(from(&NEEDED).is_ok());
        for (missing, _) in NEEDED {
            let rest: Vec<_> = NEEDED.into_iter().filter(|(name, _)| *name != missing).collect();
            assert_eq!(
                from(&rest).unwrap_err().message,
                format!("`{missing}` is not set")
            );
        }
    }

    #[test]
    fn the_endpoint_is_the_services_own_unless_the_variable_says_otherwise() {
        assert_eq!(from(&NEEDED).unwrap().config.endpoint_url(), None);
        let mut set = NEEDED.to_vec();
        set.push(("AWS_ENDPOINT_URL", "http://127.0.0.1:4566"));
        assert_eq!(
            from(&set).unwrap().config.endpoint_url(),
            Some("http://127.0.0.1:4566")
        );
    }

    #[test]
    fn secrets_stay_out_of_debug_output() {
        assert!(!format!("{:?}", from(&NEEDED).unwrap()).contains("hush-hush"));
    }
}
