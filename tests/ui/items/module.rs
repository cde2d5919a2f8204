#[galtea::trace(type = "TOOL")]
mod tools {
    pub fn search() {}
}

fn main() {
    tools::search();
}
