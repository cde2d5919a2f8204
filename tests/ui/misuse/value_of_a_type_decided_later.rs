use galtea::trace_scope;

fn number(text: &str) -> Result<u32, std::num::ParseIntError> {
    let number = trace_scope!("parse", { text.parse()? });
    Ok(number)
}

fn main() {
    let _ = number("1");
}
