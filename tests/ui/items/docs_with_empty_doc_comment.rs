///
#[doc(alias = "lookup")]
#[galtea::trace(docs)]
fn search(query: &str, limit: usize) -> usize {
    query.len().min(limit)
}

fn main() {
    search("a", 1);
}
