//! Batches kept in memory.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::{ExportFuture, Exported, Exporter};
use crate::record::Batch;

/// Keeps every batch, for tests of a traced program. Clones share the batches.
///
/// ```
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/documented.rs"));
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use galtea::{Galtea, export::MemoryExporter};
///
/// let memory = MemoryExporter::new();
/// let galtea = Galtea::builder().exporter(memory.clone()).build()?;
/// // … the program runs …
/// galtea.flush_blocking(std::time::Duration::from_secs(5)).into_result()?;
/// assert!(memory.batches().is_empty());
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Default)]
pub struct MemoryExporter {
    batches: Arc<Mutex<Vec<Batch>>>,
}

impl MemoryExporter {
    /// An exporter that has seen no batch yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// The batches so far, in the order in which they came.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/documented.rs"));
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use galtea::export::MemoryExporter;
    /// use galtea::{Galtea, trace_scope};
    ///
    /// let memory = MemoryExporter::new();
    /// let galtea = Galtea::builder().exporter(memory.clone()).build()?;
    /// galtea.inference_result("ir_1").sync_scope(|| trace_scope!("answer", type = "AGENT", { "yes" }));
    /// galtea.flush_blocking(std::time::Duration::from_secs(5)).into_result()?;
    /// let batches = memory.batches();
    /// let names: Vec<_> = batches.iter().flat_map(|batch| batch.iter()).map(|trace| trace.name()).collect();
    /// assert_eq!(names, ["answer"]);
    /// # Ok(())
    /// # }
    /// ```
    pub fn batches(&self) -> Vec<Batch> {
        self.lock().clone()
    }

    /// The batches so far, which are then forgotten.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/documented.rs"));
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use galtea::export::MemoryExporter;
    /// use galtea::{Galtea, trace_scope};
    ///
    /// let memory = MemoryExporter::new();
    /// let galtea = Galtea::builder().exporter(memory.clone()).build()?;
    /// galtea.inference_result("ir_1").sync_scope(|| trace_scope!("answer", type = "AGENT", { "yes" }));
    /// galtea.flush_blocking(std::time::Duration::from_secs(5)).into_result()?;
    /// assert_eq!(memory.take().len(), 1);
    /// assert!(memory.batches().is_empty(), "ready for the next turn");
    /// # Ok(())
    /// # }
    /// ```
    pub fn take(&self) -> Vec<Batch> {
        std::mem::take(&mut self.lock())
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Batch>> {
        self.batches.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Exporter for MemoryExporter {
    fn export<'a>(&'a self, batch: &'a Batch) -> ExportFuture<'a> {
        Box::pin(async {
            self.lock().push(batch.clone());
            Ok(Exported::all())
        })
    }
}
