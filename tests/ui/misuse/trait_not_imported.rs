#[galtea::trace]
async fn answer() {}

fn main() {
    drop(answer().in_current_trace());
}
