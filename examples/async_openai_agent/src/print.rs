//! Shows the traces where there is no account: the tree, and the metadata of generations, which the tree leaves out.

use std::io::{self, Write};

use galtea::TraceType;
use galtea::export::{Batch, ConsoleExporter, ExportFuture, Exporter};

pub(crate) struct TreeAndGenerations(ConsoleExporter);

impl Default for TreeAndGenerations {
    fn default() -> Self {
        Self(ConsoleExporter::stderr())
    }
}

impl Exporter for TreeAndGenerations {
    fn export<'a>(&'a self, batch: &'a Batch) -> ExportFuture<'a> {
        Box::pin(async move {
            let exported = self.0.export(batch).await?;
            for trace in batch.iter().filter(|trace| trace.trace_type() == TraceType::Generation) {
                // As with the tree, a closed standard error is nobody's loss.
                let _ = writeln!(io::stderr(), "{} {}", trace.name(), trace.metadata().unwrap_or("{}"));
            }
            Ok(exported)
        })
    }
}
