use galtea::trace_scope;

async fn search() -> usize {
    trace_scope!("search", { ask().await })
}

async fn ask() -> usize {
    1
}

fn main() {
    drop(search());
}
