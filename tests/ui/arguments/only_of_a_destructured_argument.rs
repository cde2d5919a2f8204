#[galtea::trace(only(point))]
fn length((x, y): (u32, u32)) -> u32 {
    x + y
}

fn main() {
    length((1, 2));
}
