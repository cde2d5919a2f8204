#![deny(unused_must_use)]

#[galtea::trace]
fn answer() {}

fn main() {
    let galtea = galtea::Galtea::disabled();
    galtea.inference_result("ir_1");
    answer();
}
