#[galtea::trace]
fn count(text: &str) -> usize {
    let length = text.len();
    text
}

#[galtea::trace]
async fn count_later(text: String) -> usize {
    text
}

fn main() {
    let _ = (count("a"), count_later(String::new()));
}
