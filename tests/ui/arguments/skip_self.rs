struct Index;

impl Index {
    #[galtea::trace(skip(self))]
    fn search(&self, query: &str) -> usize {
        query.len()
    }
}

fn main() {
    Index.search("a");
}
