#[galtea::trace(type = "TOOL")]
type Search = fn(&str) -> usize;

fn main() {
    let _: Search = str::len;
}
