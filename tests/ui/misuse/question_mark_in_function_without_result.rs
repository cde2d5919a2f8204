use galtea::trace_scope;

fn search(text: &str) -> usize {
    trace_scope!("search", { text.parse::<usize>()? })
}

fn main() {
    search("1");
}
