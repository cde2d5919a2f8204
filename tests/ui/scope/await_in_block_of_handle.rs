use galtea::trace_scope;

async fn search() -> usize {
    trace_scope!("search", |scope| {
        scope.set_metadata("index", "faq");
        ask().await
    })
}

async fn ask() -> usize {
    1
}

fn main() {
    drop(search());
}
