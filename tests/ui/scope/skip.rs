use galtea::trace_scope;

fn main() {
    trace_scope!("search", skip(query), { 1 + 1 });
}
