#[galtea::trace(type = "TOOL")]
pub enum Hit {
    Found,
}

fn main() {
    let _ = Hit::Found;
}
