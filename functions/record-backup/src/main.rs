//! Records the backup: the Lambda function around `record_backup::handle`.

use backup_aws::Aws;
use backup_lambda::Emf;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), backup_lambda::RuntimeError> {
    backup_lambda::run(
        |env| Aws::from_env(|name| env.required(name)),
        async |aws, input, _| record_backup::handle(aws, &Emf, input).await,
    )
    .await
}
