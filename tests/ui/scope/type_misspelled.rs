use galtea::trace_scope;

fn main() {
    trace_scope!("search", type = "TOLL", { 1 + 1 });
}
