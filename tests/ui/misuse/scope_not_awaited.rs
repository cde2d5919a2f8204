#![deny(unused_must_use)]

#[galtea::trace]
async fn answer() {}

async fn run(galtea: galtea::Galtea) {
    galtea.inference_result("ir_1").scope(answer());
}

fn main() {
    drop(run(galtea::Galtea::disabled()));
}
