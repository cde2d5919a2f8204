fn main() {
    let galtea = galtea::Galtea::disabled();
    let _ = galtea.flush_blocking(5);
}
