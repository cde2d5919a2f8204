struct Plan;

fn main() {
    galtea::current_trace().set_metadata("plan", Plan);
}
