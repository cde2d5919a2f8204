#[galtea::trace(type = "TOOL")]
pub struct Hit {
    pub score: f64,
}

fn main() {
    let _ = Hit { score: 0.5 };
}
