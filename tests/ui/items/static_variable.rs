#[galtea::trace(type = "TOOL")]
static LIMIT: usize = 5;

fn main() {
    let _ = LIMIT;
}
