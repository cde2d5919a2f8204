unsafe extern "C" {
    #[galtea::trace(type = "TOOL")]
    safe fn abs(value: i32) -> i32;
}

fn main() {
    abs(1);
}
