#[galtea::trace(metadata(model = "gpt-4", "model" = "gpt-5"))]
fn search(query: &str, limit: usize) -> usize {
    query.len().min(limit)
}

fn main() {
    search("a", 1);
}
