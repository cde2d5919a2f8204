trait Search {
    #[galtea::trace(skip(query))]
    fn search(query: &str) -> usize;
}

impl Search for u8 {
    fn search(query: &str) -> usize {
        query.len()
    }
}

fn main() {
    u8::search("a");
}
