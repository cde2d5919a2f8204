fn main() {
    galtea::current_trace().record_error(std::fmt::Error);
}
