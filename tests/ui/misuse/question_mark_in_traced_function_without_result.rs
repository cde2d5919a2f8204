#[galtea::trace]
fn search(text: &str) -> usize {
    text.parse::<usize>()?
}

fn main() {
    search("1");
}
