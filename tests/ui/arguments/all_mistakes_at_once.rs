#[galtea::trace(type = "TOLL", nam = "lookup", skip = limit, mask(quary), metadata(a.b = 1, c = 2, c = 3))]
fn search(query: &str, limit: usize) -> usize {
    query.len().min(limit)
}

fn main() {
    search("a", 1);
}
