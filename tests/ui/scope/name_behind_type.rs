use galtea::trace_scope;

fn main() {
    trace_scope!(type = "TOOL", { 1 + 1 });
}
