use galtea::trace_scope;

fn main() {
    trace_scope!("search", name = "lookup", { 1 + 1 });
}
