use galtea::trace_scope;

fn main() {
    let _: usize = trace_scope!("search", { 1 } + 1);
}
