#[galtea::trace(type = "TOOL")]
unsafe extern "C" {
    safe fn abs(value: i32) -> i32;
}

fn main() {
    abs(1);
}
