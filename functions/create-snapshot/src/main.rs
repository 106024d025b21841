//! Starts the snapshot of a run: the Lambda function around `create_snapshot::handle`.

use backup_aws::Aws;
use create_snapshot::Settings;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), backup_lambda::RuntimeError> {
    backup_lambda::run(
        |env| {
            let settings = Settings {
                deployment: env.required("SNAPKEEP_DEPLOYMENT")?,
                region: env.required("AWS_REGION")?,
            };
            Ok((Aws::from_env(|name| env.required(name))?, settings))
        },
        async |(aws, settings), input, _| create_snapshot::handle(aws, settings, input).await,
    )
    .await
}
