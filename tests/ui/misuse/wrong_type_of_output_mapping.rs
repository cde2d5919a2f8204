#[galtea::trace(output = |rows: &String| rows.len())]
fn search() -> Vec<String> {
    Vec::new()
}

fn main() {
    search();
}
