use galtea::trace_event;

fn main() {
    trace_event!();
}
