//! How a failure leaves the function: its name as `errorType`, its text as `errorMessage`; it is logged and counted.

use crate::{Emf, clock};
use backup_core::Error;
use backup_core::metrics::Metrics;
use backup_core::ports::EmitMetrics as _;
use jiff::Timestamp;
use lambda_runtime::Diagnostic;

/// A failed invocation, on its way out.
pub(crate) struct Failure(Error);

impl Failure {
    pub(crate) fn of(error: Error) -> Self {
        Self(error)
    }

    /// Logs one line with the fields that a metric filter or a person searches by.
    pub(crate) fn logged(self) -> Self {
        let Error {
            name,
            message,
            source,
        } = &self.0;
        let operation = source.as_ref().map(|call| call.operation);
        let code = source.as_ref().map(|call| call.code.as_str());
        tracing::error!(error_name = %name, operation, code, "{message}");
        self
    }

    /// Counts it for the deployment, where one is named.
    pub(crate) fn counted(self, deployment: Option<&str>) -> Self {
        // A clock outside of the years that a timestamp can have would count for nothing anyway.
        if let (Some(deployment), Ok(now)) = (deployment, Timestamp::try_from(clock::now())) {
            Emf.emit(&Metrics::of_failure(now, deployment, self.0.name));
        }
        self
    }
}

impl std::fmt::Debug for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.0.name, self.0)
    }
}

impl From<Failure> for Diagnostic {
    fn from(Failure(error): Failure) -> Self {
        Self {
            error_type: error.name.as_str().to_owned(),
            error_message: error.text(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use backup_core::{CallError, ErrorName};

    #[test]
    fn every_name_leaves_as_it_is_spelled() {
        for name in ErrorName::ALL {
            let diagnostic = Diagnostic::from(Failure::of(Error::new(*name, "what happened")));
            assert_eq!(diagnostic.error_type, name.as_str());
            assert_eq!(diagnostic.error_message, "what happened");
        }
    }

    #[test]
    fn a_failed_call_leaves_under_its_name_with_its_text() {
        let call = CallError::judge("CopySnapshot", "Throttling", "Rate exceeded", Some(400));
        let diagnostic = Diagnostic::from(Failure::of(call.into()).logged());
        assert_eq!(diagnostic.error_type, "Backup.Throttled");
        assert_eq!(
            diagnostic.error_message,
            "CopySnapshot answered `Throttling`: Rate exceeded"
        );
        let call = CallError::judge("CopySnapshot", "Throttling", "Rate exceeded", Some(400));
        let told = Error::of_call(ErrorName::Throttled, "wait a little", call);
        assert_eq!(
            Diagnostic::from(Failure::of(told)).error_message,
            "wait a little (CopySnapshot answered `Throttling`: Rate exceeded)",
            "AWS's own words reach the alert"
        );
    }
}
