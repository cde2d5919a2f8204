fn main() {
    let id = std::env::var("INFERENCE_RESULT").ok();
    let galtea = galtea::Galtea::disabled();
    let _ = galtea.inference_result(id);
}
