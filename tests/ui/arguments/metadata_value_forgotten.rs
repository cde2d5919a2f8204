#[galtea::trace(metadata(model = , temperature = 0.7))]
fn search(query: &str, limit: usize) -> usize {
    query.len().min(limit)
}

fn main() {
    search("a", 1);
}
