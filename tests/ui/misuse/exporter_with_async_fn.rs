use galtea::export::{Batch, ExportError, Exported, Exporter};

struct Files;

impl Exporter for Files {
    async fn export(&self, _batch: &Batch) -> Result<Exported, ExportError> {
        Ok(Exported::all())
    }
}

fn main() {
    let _ = galtea::Galtea::builder().exporter(Files).build();
}
