#![deny(unused_must_use)]

fn main() {
    galtea::Galtea::builder().disabled(true);
}
