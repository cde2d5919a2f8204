use galtea::trace_scope;

fn main() {
    trace_scope!("search", stream, { 1 + 1 });
}
