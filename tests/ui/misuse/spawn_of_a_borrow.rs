#[galtea::trace]
async fn answer(question: &str) -> usize {
    question.len()
}

fn main() {
    let question = String::from("why?");
    drop(galtea::spawn(answer(&question)));
}
