// Included by the examples of the documentation.

use serde_json::json;

/// What the one traced call in `run` records.
fn recorded<R>(run: impl FnOnce() -> R) -> serde_json::Value {
    let memory = galtea::export::MemoryExporter::new();
    let galtea = galtea::Galtea::builder().environment(|_| None).exporter(memory.clone()).build().unwrap();
    galtea.inference_result("ir_1").sync_scope(run);
    galtea.flush_blocking(std::time::Duration::from_secs(30)).into_result().unwrap();
    let batches = memory.take();
    let trace = batches[0].iter().next().unwrap();
    let parsed = |text: Option<&str>| text.map(|text| serde_json::from_str(text).unwrap());
    let [input, output, metadata]: [Option<serde_json::Value>; 3] =
        [trace.input(), trace.output(), trace.metadata()].map(parsed);
    json!({
        "name": trace.name(),
        "type": trace.trace_type().to_string(),
        "description": trace.description(),
        "input": input,
        "output": output,
        "error": trace.error(),
        "metadata": metadata,
    })
}
