#[galtea::trace]
async fn answer() {}

fn main() {
    let galtea = galtea::Galtea::disabled();
    drop(galtea.scope(answer()));
}
