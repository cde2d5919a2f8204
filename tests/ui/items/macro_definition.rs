#[galtea::trace(type = "TOOL")]
macro_rules! search {
    () => {};
}

fn main() {
    search!();
}
