//! Lists the public API that a file of rustdoc JSON tells of, one item a line.

use std::error::Error;

/// Traits that the compiler gives to types and nobody can name.
const UNNAMEABLE: [&str; 2] = ["core::marker::Freeze", "core::marker::UnsafeUnpin"];

fn main() -> Result<(), Box<dyn Error>> {
    let json = std::env::args_os().nth(1).ok_or("usage: galtea-public-api FILE.json")?;
    let api = public_api::Builder::from_rustdoc_json(json).omit_blanket_impls(true).build()?;
    let items = api.items().map(ToString::to_string);
    for item in items.filter(|item| !UNNAMEABLE.iter().any(|name| item.contains(name))) {
        println!("{item}");
    }
    Ok(())
}
