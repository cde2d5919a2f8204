struct Index;

#[galtea::trace(type = "TOOL")]
impl Index {
    fn search(&self) {}
}

fn main() {
    Index.search();
}
