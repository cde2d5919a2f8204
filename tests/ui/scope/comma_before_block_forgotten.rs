use galtea::trace_scope;

fn main() {
    trace_scope!("search" { 1 + 1 });
}
