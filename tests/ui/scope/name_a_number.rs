use galtea::trace_scope;

fn main() {
    trace_scope!(1, { 1 + 1 });
}
