use galtea::trace_scope;

fn main() {
    trace_scope!("search", docs, { 1 + 1 });
}
