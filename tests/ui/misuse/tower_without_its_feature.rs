use galtea::tower::InferenceLayer;

fn main() {
    let _ = InferenceLayer::new(&galtea::Galtea::disabled());
}
