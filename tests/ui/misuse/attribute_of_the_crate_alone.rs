#[galtea(type = "TOOL")]
fn search() {}

fn main() {
    search();
}
