#![deny(unused_must_use)]

use std::time::Duration;

async fn run(galtea: galtea::Galtea) {
    galtea.flush_blocking(Duration::from_secs(5));
    galtea.flush().await;
}

fn main() {
    drop(run(galtea::Galtea::disabled()));
}
