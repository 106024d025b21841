//! Verifies one exported object: the Lambda function around `verify_object::handle`.

use backup_aws::Aws;
use verify_object::Settings;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), backup_lambda::RuntimeError> {
    backup_lambda::run(
        |env| Aws::from_env(|name| env.required(name)),
        async |aws, input, invocation| {
            let remaining = || invocation.remaining();
            verify_object::handle(aws, &Settings::default(), input, remaining).await
        },
    )
    .await
}
