#[galtea::trace(type = "TOOL", name = "a", type = "SPAN")]
fn search(query: &str, limit: usize) -> usize {
    query.len().min(limit)
}

fn main() {
    search("a", 1);
}
