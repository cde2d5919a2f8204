fn answer() -> usize {
    1
}

fn main() {
    drop(galtea::spawn(answer()));
}
