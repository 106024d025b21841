//! Tells whether a snapshot or an export is ready: the Lambda function around `check_status::handle`.

use backup_aws::Aws;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), backup_lambda::RuntimeError> {
    backup_lambda::run(
        |env| Aws::from_env(|name| env.required(name)),
        async |aws, input, _| check_status::handle(aws, &(), input).await,
    )
    .await
}
