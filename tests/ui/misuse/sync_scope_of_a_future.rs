#[galtea::trace]
async fn answer() -> usize {
    1
}

fn main() {
    let galtea = galtea::Galtea::disabled();
    let _: usize = galtea.inference_result("ir_1").sync_scope(|| answer());
}
