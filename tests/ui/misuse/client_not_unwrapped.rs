fn main() {
    let galtea = galtea::Galtea::from_env();
    let _ = galtea.inference_result("ir_1");
}
