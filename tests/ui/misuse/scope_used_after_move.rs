fn main() {
    let galtea = galtea::Galtea::disabled();
    let turn = galtea.inference_result("ir_1");
    turn.sync_scope(|| ());
    turn.sync_scope(|| ());
}
