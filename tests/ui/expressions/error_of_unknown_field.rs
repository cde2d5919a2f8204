#[galtea::trace(error = |e| e.code)]
fn search(query: &str, limit: usize) -> Result<usize, std::fmt::Error> {
    Ok(query.len().min(limit))
}

fn main() {
    let _ = search("a", 1);
}
