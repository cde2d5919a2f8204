#[galtea::trace(zebra = Vec::<(u8, u8)>::new())]
fn search(query: &str, limit: usize) -> usize {
    query.len().min(limit)
}

fn main() {
    search("a", 1);
}
