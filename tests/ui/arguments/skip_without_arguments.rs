#[galtea::trace(skip(query))]
fn tick() {

}

fn main() {
    tick();
}
