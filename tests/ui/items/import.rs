#[galtea::trace(type = "TOOL")]
use std::mem::drop as search;

fn main() {
    search(1);
}
