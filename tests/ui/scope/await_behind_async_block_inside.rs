use galtea::trace_scope;

async fn search() -> usize {
    trace_scope!("search", async { 1 + 1 }.await)
}

fn main() {
    drop(search());
}
