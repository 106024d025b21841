//! Starts the export of a snapshot: the Lambda function around `copy_to_s3::handle`.

use backup_aws::Aws;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), backup_lambda::RuntimeError> {
    backup_lambda::run(
        |env| Aws::from_env(|name| env.required(name)),
        async |aws, input, _| copy_to_s3::handle(aws, &(), input).await,
    )
    .await
}
