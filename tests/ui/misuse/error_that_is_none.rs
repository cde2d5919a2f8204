struct Refusal;

fn main() {
    galtea::current_trace().record_error(&Refusal);
}
