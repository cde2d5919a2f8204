trait Search {
    #[galtea::trace]
    const LIMIT: usize = 5;
}

impl Search for u8 {}

fn main() {
    let _ = u8::LIMIT;
}
