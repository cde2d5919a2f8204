fn main() {
    #[galtea::trace]
    let hits = 1 + 1;
    let _ = hits;
}
