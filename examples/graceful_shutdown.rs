//! A worker that ends well: on Ctrl-C or SIGTERM it takes no more work, lets what runs come to its end, and sends all that
//! was recorded, each within a deadline.
//!
//! ```text
//! cargo run --example graceful_shutdown         # press Ctrl-C, or: kill -TERM <pid>
//! ```
//!
//! The order matters: `shutdown` sends what has ended. A scope that is still open when it is called loses its traces, so the
//! work goes first. Where the deadline passes all the same, the report tells what is lost; with a spool directory
//! (`GALTEA_SPOOL_DIR`) nothing is: the next start sends it.
//!
//! With `GALTEA_API_KEY` the traces go to Galtea; without, each inference result is printed as a tree.

use std::error::Error;
use std::io::{self, Write};
use std::time::Duration;

use galtea::{Galtea, trace};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

/// For the work that is under way, and then once more for what it recorded.
const DEADLINE: Duration = Duration::from_secs(5);

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let galtea = if std::env::var_os("GALTEA_API_KEY").is_some() {
        Galtea::builder().flush_timeout(DEADLINE).build()?
    } else {
        Galtea::local()
    };
    let (stop, stopped) = watch::channel(false);
    let mut workers = JoinSet::new();
    for number in 1..=2 {
        workers.spawn(work(galtea.clone(), number, stopped.clone()));
    }

    let signal = asked_to_stop().await?;
    writeln!(io::stdout(), "{signal}: finishing what is under way")?;
    stop.send_replace(true);
    if timeout(DEADLINE, workers.join_all()).await.is_err() {
        writeln!(io::stdout(), "some work took too long and was left")?;
    }
    writeln!(io::stdout(), "{}", galtea.shutdown().await.into_result()?)?;
    Ok(())
}

/// One inference result after the other, until told to stop.
async fn work(galtea: Galtea, worker: u32, stopped: watch::Receiver<bool>) {
    for turn in 1_u32.. {
        if *stopped.borrow() {
            return;
        }
        let id = format!("worker-{worker}-turn-{turn}");
        galtea.inference_result(id).scope(answer(turn)).await;
    }
}

#[trace(type = "AGENT")]
async fn answer(turn: u32) -> String {
    let found = look_up(turn).await;
    format!("turn {turn}: {found}")
}

#[trace(type = "TOOL")]
async fn look_up(turn: u32) -> &'static str {
    sleep(Duration::from_millis(300)).await;
    if turn.is_multiple_of(2) { "even" } else { "odd" }
}

/// Waits for Ctrl-C or, where there is such a thing, SIGTERM, which service managers and containers send.
async fn asked_to_stop() -> io::Result<&'static str> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};

        let mut terminated = signal(SignalKind::terminate())?;
        tokio::select! {
            interrupted = tokio::signal::ctrl_c() => interrupted.map(|()| "interrupted"),
            _ = terminated.recv() => Ok("terminated"),
        }
    }
    #[cfg(not(unix))]
    {
        tokio::signal::ctrl_c().await.map(|()| "interrupted")
    }
}
