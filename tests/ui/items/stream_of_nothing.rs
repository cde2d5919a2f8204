#[galtea::trace(stream)]
fn search(query: &str) {
    drop(query.len());
}

fn main() {
    search("a");
}
