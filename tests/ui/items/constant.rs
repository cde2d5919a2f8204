#[galtea::trace(type = "TOOL")]
const LIMIT: usize = 5;

fn main() {
    let _ = LIMIT;
}
