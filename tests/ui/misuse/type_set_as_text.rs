fn main() {
    galtea::current_trace().set_type("TOOL");
}
