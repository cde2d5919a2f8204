struct Index;

impl Index {
    #[galtea::trace]
    pub const unsafe fn search(&self) {}
}

fn main() {
    unsafe { Index.search() };
}
