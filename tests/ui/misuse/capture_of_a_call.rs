use galtea::testing::capture;

#[galtea::trace]
fn answer() -> usize {
    1
}

async fn run() {
    let _ = capture(answer()).await;
}

fn main() {
    drop(run());
}
