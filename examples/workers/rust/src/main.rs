//! Counts words, in Rust.
use faktory::{Client, Error, Job, WorkerBuilder};
use serde_json::json;

async fn count_words(job: Job) -> Result<(), Error> {
    let words = job.args()[0]["text"].as_str().unwrap_or_default().split_whitespace().count();
    let counted = Job::builder("counted").queue("counted").args(vec![json!({"language": "rust", "words": words})]).build();
    Client::connect().await?.enqueue(counted).await
}

#[tokio::main]
async fn main() -> Result<(), Error> {
    let mut worker = WorkerBuilder::default().register_fn("count_words", count_words).connect().await?;
    worker.run(&["examples"]).await.map(|_| ())
}
