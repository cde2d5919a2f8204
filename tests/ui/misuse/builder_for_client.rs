fn main() {
    let galtea = galtea::Galtea::builder().disabled(true);
    let _ = galtea.inference_result("ir_1");
}
