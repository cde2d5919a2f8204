#[galtea::trace(stream)]
fn search(query: &str) -> Vec<u8> {
    query.into()
}

fn main() {
    search("a");
}
