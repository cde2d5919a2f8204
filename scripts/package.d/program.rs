//! Uses the packages as somebody would who found them in the registry; see scripts/package.

use galtea::export::MemoryExporter;
use galtea::tower::InferenceLayer;
use galtea::{Galtea, trace, trace_event, trace_scope};

#[trace(type = "TOOL")]
fn look_up(word: &str) -> Option<usize> {
    trace_event!("looked_up", metadata(word = word));
    ["spawn", "stream"].iter().position(|known| *known == word)
}

#[trace(type = "AGENT")]
async fn agent(question: &str) -> usize {
    let words = trace_scope!("split", { question.split(' ').collect::<Vec<_>>() });
    words.into_iter().filter_map(look_up).sum()
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let recorded = MemoryExporter::new();
    let galtea = Galtea::builder().exporter(recorded.clone()).build()?;
    let _ = InferenceLayer::new(&galtea);
    let found = galtea.inference_result("ir_1").scope(agent("how to stream")).await;
    let stats = galtea.shutdown().await.into_result()?;
    let names: Vec<String> = recorded
        .batches()
        .iter()
        .flat_map(|batch| batch.iter())
        .map(|trace| trace.name().to_owned())
        .collect();
    assert_eq!((found, stats.delivered), (1, 8));
    assert_eq!(names.first().map(String::as_str), Some("agent"));
    println!("the packages work: {}", names.join(", "));
    Ok(())
}
