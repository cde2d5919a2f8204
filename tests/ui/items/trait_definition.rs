#[galtea::trace(type = "TOOL")]
trait Search {
    fn search(&self) {}
}

impl Search for u8 {}

fn main() {
    1_u8.search();
}
