fn main() {
    let galtea = galtea::Galtea::disabled();
    galtea.shutdown().into_result().unwrap();
}
