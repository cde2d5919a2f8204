#[galtea::trace(type = "TOLL", skip = a)]
struct Hit;

fn main() {
    let _ = Hit;
}
