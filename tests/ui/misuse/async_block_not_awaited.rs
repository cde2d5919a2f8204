#![deny(unused_must_use)]

use galtea::trace_scope;

async fn search() {
    trace_scope!("search", async { 1 + 1 });
}

fn main() {
    drop(search());
}
