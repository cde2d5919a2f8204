#[galtea::trace(metadata(limit))]
fn search(query: &str, limit: usize) -> usize {
    query.len().min(limit)
}

fn main() {
    search("a", 1);
}
