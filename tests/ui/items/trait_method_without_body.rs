trait Search {
    #[galtea::trace(type = "TOOL")]
    fn search(&self, query: &str) -> usize;
}

impl Search for u8 {
    fn search(&self, query: &str) -> usize {
        query.len()
    }
}

fn main() {
    1_u8.search("a");
}
