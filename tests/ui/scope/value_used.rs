fn main() {
    let hits: usize = galtea::trace_scope!("search", type(TOOL), { 1 + 1 });
    let _ = hits + 1;
}
