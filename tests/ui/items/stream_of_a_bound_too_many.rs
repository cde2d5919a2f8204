#[galtea::trace(stream)]
fn search(query: &str) -> impl futures::Stream<Item = u8> + std::fmt::Debug {
    futures::stream::iter(Vec::from(query))
}

fn main() {
    drop(search("a"));
}
