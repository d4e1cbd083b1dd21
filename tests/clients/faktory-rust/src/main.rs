//! The crate `faktory` against Firn's queue: push, fetch, ack, fail, schedule, unique, track, batch,
//! mutate, pause. Prints "ok" when all went as the crate expects it; panics otherwise.
use faktory::ent::{Batch, CallbackState, JobState, ProgressUpdate};
use faktory::mutate::{Filter, JobSet};
use faktory::{Client, Error, Job, WorkerBuilder};
use std::io;

async fn connect() -> Client {
    Client::connect().await.expect("connects by FAKTORY_URL")
}

fn job(kind: &str, queue: &str) -> Job {
    Job::builder(kind).queue(queue).args(vec![1]).build()
}

async fn pushes_and_works() {
    let mut client = connect().await;
    let mut worker = WorkerBuilder::default()
        .register_fn("good", |job: Job| async move {
            assert_eq!(job.args().len(), 1);
            Ok::<(), io::Error>(())
        })
        .register_fn("bad", |_| async { Err(io::Error::new(io::ErrorKind::Other, "on purpose")) })
        .connect()
        .await
        .unwrap();
    client.enqueue(job("good", "rust")).await.unwrap();
    let (taken, errors) = client.enqueue_many(vec![job("good", "rust"), job("bad", "rust")]).await.unwrap();
    assert_eq!((taken, errors.is_none()), (2, true));
    for _ in 0..3 {
        assert!(worker.run_one(0, &["rust"]).await.unwrap());
    }
    assert!(!worker.run_one(0, &["rust"]).await.unwrap(), "the queue is empty");
    let info = client.current_info().await.unwrap();
    assert!(info.data.total_failures >= 1 && info.data.total_processed >= 3);
    assert_eq!(info.data.queues.get("rust"), Some(&0));
    assert_eq!(info.server.version.major, 1);

    // The one that failed waits for its retry; it can be put back, or thrown away.
    client.requeue(JobSet::Retries, Filter::from_kind("bad")).await.unwrap();
    assert!(worker.run_one(0, &["rust"]).await.unwrap());
    client.discard(JobSet::Retries, Filter::from_kind("bad")).await.unwrap();

    let later = chrono::Utc::now() + chrono::Duration::seconds(2);
    client.enqueue(Job::builder("good").queue("later").at(later).args(vec![1]).build()).await.unwrap();
    assert!(!worker.run_one(0, &["later"]).await.unwrap() || chrono::Utc::now() >= later);
    tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    worker.run_one(0, &["later"]).await.unwrap();
    assert!(chrono::Utc::now() >= later);

    client.enqueue(job("good", "still")).await.unwrap();
    client.queue_pause(&["still"]).await.unwrap();
    assert!(!worker.run_one(0, &["still"]).await.unwrap());
    client.queue_resume(&["still"]).await.unwrap();
    assert!(worker.run_one(0, &["still"]).await.unwrap());
    client.queue_remove(&["still"]).await.unwrap();
}

async fn is_unique_and_tracked() {
    let mut client = connect().await;
    let unique = || Job::builder("once").queue("unique").args(vec![7]).unique_for(60).build();
    client.enqueue(unique()).await.unwrap();
    match client.enqueue(unique()).await {
        Err(Error::Protocol(faktory::error::Protocol::UniqueConstraintViolation { msg })) => {
            assert_eq!(msg, "Job not unique")
        }
        other => panic!("expected a violation, got {other:?}"),
    }
    let tracked = job("slow", "tracked");
    let jid = tracked.id().clone();
    client.enqueue(tracked).await.unwrap();
    let seen = jid.clone();
    let mut worker = WorkerBuilder::default()
        .register_fn("slow", move |_| {
            let jid = seen.clone();
            async move {
                let mut inner = connect().await;
                inner.set_progress(ProgressUpdate::set(jid.clone(), 33)).await.unwrap();
                let progress = inner.get_progress(&jid).await.unwrap().unwrap();
                assert_eq!((progress.state, progress.percent), (JobState::Working, Some(33)));
                Ok::<(), io::Error>(())
            }
        })
        .connect()
        .await
        .unwrap();
    assert!(worker.run_one(0, &["tracked"]).await.unwrap());
    let progress = client.get_progress(&jid).await.unwrap().unwrap();
    assert_eq!((progress.state, progress.percent), (JobState::Success, Some(33)));
}

async fn batches_call_back() {
    let mut client = connect().await;
    let mut status = connect().await;
    let mut worker = WorkerBuilder::default()
        .register_fn("part", |_| async { Ok::<(), io::Error>(()) })
        .register_fn("whole", |_| async { Ok::<(), io::Error>(()) })
        .connect()
        .await
        .unwrap();
    let batch = Batch::builder().description("parts").with_callbacks(job("whole", "cb"), job("whole", "cb"));
    let mut open = client.start_batch(batch).await.unwrap();
    let bid = open.id().to_owned();
    open.add(job("part", "parts")).await.unwrap();
    open.add(job("part", "parts")).await.unwrap();
    open.commit().await.unwrap();
    let state = status.get_batch_status(bid.clone()).await.unwrap().unwrap();
    assert_eq!((state.total, state.pending, state.failed), (2, 2, 0));
    for _ in 0..2 {
        assert!(worker.run_one(0, &["parts"]).await.unwrap());
    }
    let state = status.get_batch_status(bid.clone()).await.unwrap().unwrap();
    assert_eq!(state.complete_callback_state, CallbackState::Enqueued);
    assert_eq!(state.success_callback_state, CallbackState::Pending);
    assert!(worker.run_one(0, &["cb"]).await.unwrap());
    assert!(worker.run_one(0, &["cb"]).await.unwrap());
    let state = status.get_batch_status(bid).await.unwrap().unwrap();
    assert_eq!(state.success_callback_state, CallbackState::FinishedOk);
    assert!(client.open_batch(faktory::ent::BatchId::new("none")).await.unwrap().is_none());
}

#[tokio::main]
async fn main() {
    pushes_and_works().await;
    is_unique_and_tracked().await;
    batches_call_back().await;
    println!("ok");
}
