use std::rc::Rc;

#[galtea::trace(skip_all)]
async fn answer(question: Rc<str>) -> usize {
    question.len()
}

fn main() {
    drop(galtea::spawn(async { answer(Rc::from("why?")).await }));
}
