struct Files;

fn main() {
    let _ = galtea::Galtea::builder().exporter(Files).build();
}
