use galtea::trace_scope;

fn main() {
    trace_scope!("search", input = missing, { 1 + 1 });
}
