//! Tells how old each cache's newest backup is: the Lambda function around `watch::handle`.

use backup_aws::Aws;
use backup_lambda::Emf;
use watch::Settings;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), backup_lambda::RuntimeError> {
    backup_lambda::run(
        |env| {
            let deployment = env.required("SNAPKEEP_DEPLOYMENT")?;
            Ok((Aws::from_env(|name| env.required(name))?, Settings { deployment }))
        },
        async |(aws, settings), input, _| watch::handle(aws, settings, &Emf, input).await,
    )
    .await
}
