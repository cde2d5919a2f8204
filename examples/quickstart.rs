//! The smallest agent there is. `cargo run --example quickstart` prints what it did as a tree, and needs no account.
#![expect(clippy::print_stdout, reason = "the answer is for whoever runs this")]

use galtea::{Galtea, trace};

#[trace(type = "TOOL")]
fn degrees_in(city: &str) -> Result<f64, String> {
    let known = [("Lisbon", 24.5), ("Oslo", 11.0)];
    let found = known.iter().find(|(name, _)| *name == city);
    found.map(|(_, degrees)| *degrees).ok_or_else(|| format!("no weather station in {city}"))
}

#[trace(type = "AGENT")]
async fn warmest(cities: &[&str]) -> Option<String> {
    let known = cities.iter().filter_map(|city| Some((city, degrees_in(city).ok()?)));
    known.max_by(|(_, a), (_, b)| a.total_cmp(b)).map(|(city, degrees)| format!("{city}, {degrees} °C"))
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let galtea = Galtea::local(); // `Galtea::from_env()?` sends to Galtea instead
    let answer = galtea.inference_result("ir_1").scope(warmest(&["Oslo", "Lisbon", "Atlantis"])).await;
    println!("{}", answer.ok_or("nobody knows")?);
    galtea.shutdown().await.into_result()?;
    Ok(())
}
