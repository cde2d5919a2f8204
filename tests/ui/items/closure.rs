fn main() {
    let search = #[galtea::trace] |query: &str| query.len();
    search("a");
}
