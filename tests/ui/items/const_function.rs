#[galtea::trace(type = "TOOL")]
const fn search(query: &str) -> usize {
    query.len()
}

const HITS: usize = search("a");

fn main() {
    let _ = HITS;
}
