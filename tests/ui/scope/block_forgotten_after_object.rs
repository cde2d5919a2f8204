use galtea::trace_scope;

fn main() {
    trace_scope!("search", input = { "limit": 5 });
}
