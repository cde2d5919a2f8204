#[galtea::trace]
fn answer() -> usize {
    trace_scope!("search", { 1 + 1 })
}

fn main() {
    answer();
}
