#[galtea::trace(skip_output, output = |out| out + 1)]
fn search(query: &str, limit: usize) -> usize {
    query.len().min(limit)
}

fn main() {
    search("a", 1);
}
