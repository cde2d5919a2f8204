#![deny(unused_must_use)]

use galtea::testing::{Capture, capture, capture_sync};

async fn run() {
    capture_sync(|| ());
    capture(async {});
    Capture::new();
}

fn main() {
    drop(run());
}
