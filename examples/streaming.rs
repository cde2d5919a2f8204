//! An agent whose answer comes token by token: the stream is the operation, and its trace tells what came and when.
//!
//! ```text
//! cargo run --example streaming
//! ```
//!
//! The answer is read twice: to its end, and by a reader who has enough after four tokens. Each time the tree is printed, and
//! below it what the traces of the streams hold. No account is needed.

use std::error::Error;
use std::io::{self, Write};
use std::time::Duration;

use futures::{Stream, StreamExt, stream};
use galtea::export::{Batch, ConsoleExporter, ExportFuture, Exporter, Trace};
use galtea::{Galtea, trace};
use tokio::time::sleep;

const PAGE: &str = "Plans can be changed at any time, and what is left is paid back.";

/// The agent returns a stream. It is one operation with it: the trace ends when the stream ends or is dropped.
#[trace(type = "AGENT")]
async fn answer(question: String) -> impl Stream<Item = String> {
    let page = search(&question).await;
    complete(page)
}

#[trace(type = "RETRIEVER")]
async fn search(question: &str) -> &'static str {
    sleep(Duration::from_millis(20)).await;
    if question.contains("plan") { PAGE } else { "The guide does not say." }
}

/// Stands in for a model: it thinks before the first token, and then brings one after the other.
#[trace(type = "GENERATION", stream, metadata(model = "canned-1"))]
fn complete(page: &'static str) -> impl Stream<Item = String> {
    let tokens = page.split_inclusive(' ').enumerate();
    stream::iter(tokens).then(|(number, token)| async move {
        sleep(Duration::from_millis(if number == 0 { 60 } else { 10 })).await;
        token.to_owned()
    })
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let galtea = Galtea::builder().exporter(TreeAndStreams(ConsoleExporter::stderr())).build()?;
    for (id, wanted) in [("read-to-the-end", usize::MAX), ("left-early", 4)] {
        galtea.inference_result(id).scope(read(wanted)).await?;
        // The tree is printed on a thread of the client. Wait for it, so that the next answer comes below.
        galtea.flush().await.into_result()?;
    }
    galtea.shutdown().await.into_result()?;
    Ok(())
}

/// Prints tokens as they come, `wanted` of them at most. Then the stream is dropped, wherever it is.
async fn read(wanted: usize) -> io::Result<()> {
    let tokens = answer("Can I change my plan?".to_owned()).await;
    let mut tokens = std::pin::pin!(tokens.take(wanted));
    while let Some(token) = tokens.next().await {
        write!(io::stdout(), "{token}")?;
        io::stdout().flush()?;
    }
    writeln!(io::stdout())
}

/// An exporter of one's own: the tree, and below it the outputs and metadata of streams, which the tree leaves out.
struct TreeAndStreams(ConsoleExporter);

impl Exporter for TreeAndStreams {
    fn export<'a>(&'a self, batch: &'a Batch) -> ExportFuture<'a> {
        Box::pin(async move {
            let exported = self.0.export(batch).await?;
            let streams: String = batch.iter().filter_map(items).collect();
            // As with the tree, a closed standard error is nobody's loss.
            let _ = writeln!(io::stderr(), "{streams}");
            Ok(exported)
        })
    }
}

/// What the trace of a stream holds. No other trace has these entries of metadata.
fn items(trace: Trace<'_>) -> Option<String> {
    let metadata = trace.metadata().filter(|json| json.contains("galtea.stream.items"))?;
    let (name, output) = (trace.name(), trace.output().unwrap_or("none"));
    Some(format!("{name}\n  output    {output}\n  metadata  {metadata}\n"))
}
