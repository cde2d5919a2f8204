use galtea::testing::{assert_trace_tree, capture_sync};

fn main() {
    let tree = capture_sync(|| ());
    assert_trace_tree!(tree, { + });
}
