#[galtea::trace]
fn answer() -> usize {
    1
}

fn main() {
    let galtea = galtea::Galtea::disabled();
    galtea.inference_result("ir_1").sync_scope(answer());
}
