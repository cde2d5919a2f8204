use galtea::trace_event;

fn main() {
    trace_event!("cache_miss", name = "miss");
}
