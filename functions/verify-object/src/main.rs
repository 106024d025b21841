//! Verifies one exported object: the Lambda function around `verify_object::handle`.

use backup_aws::Aws;
use verify_object::Settings;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), backup_lambda::RuntimeError> {
    backup_lambda::run(
        |env| {
            let memory = env.optional("AWS_LAMBDA_FUNCTION_MEMORY_SIZE");
            let settings = Settings::for_function(memory.as_deref());
            Ok((Aws::from_env(|name| env.required(name))?, settings))
        },
        async |(aws, settings), input, invocation| {
            let remaining = || invocation.remaining();
            verify_object::handle(aws, settings, input, remaining).await
        },
    )
    .await
}
