#![deny(unused_must_use)]

fn main() {
    let galtea = galtea::Galtea::disabled();
    galtea.shutdown();
}
