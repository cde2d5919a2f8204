//! The example `support_agent`, run as a user runs it.

#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail as tests do")]

mod loopback;

use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use serde_json::{Value, json};

use crate::loopback::Server;

const GALTEA_KEY: &str = "gsk_test_0123456789abcdef";
const MODEL_KEY: &str = "sk-test-0123456789abcdef";
const SPAWNED: &str = "Why are the traces of my spawned tasks missing?";
const ORDER: &str = "Where is my order G-1240? I am grace@example.com.";
const SECRET: &str = "My key gsk_live_4f9a2c77d1 is refused with 403, what now?";

/// Cargo builds the examples before it runs all tests, and puts them beside the tests.
fn program() -> PathBuf {
    let here = std::env::current_exe().unwrap();
    let target = here.ancestors().nth(2).unwrap();
    let program = target.join("examples").join(format!("support_agent{}", std::env::consts::EXE_SUFFIX));
    assert!(program.exists(), "build it first: cargo build --example support_agent");
    program
}

/// The example, with nothing of this process's environment that would change what it does.
fn support_agent(questions: &[&str]) -> Command {
    let mut command = Command::new(program());
    for (name, _) in std::env::vars_os() {
        let name = name.to_string_lossy().into_owned();
        if ["GALTEA_", "OPENAI_", "NO_COLOR", "CLICOLOR"].iter().any(|prefix| name.starts_with(prefix)) {
            command.env_remove(name);
        }
    }
    command.env("NO_PROXY", "127.0.0.1").args(questions);
    command
}

struct Done {
    success: bool,
    stdout: String,
    stderr: String,
}

fn run(command: &mut Command) -> Done {
    let Output { status, stdout, stderr } = command.output().unwrap();
    let [stdout, stderr] = [stdout, stderr].map(|bytes| String::from_utf8(bytes).unwrap());
    Done { success: status.success(), stdout, stderr }
}

fn galtea() -> Server {
    Server::answering(|_| (200, json!({ "spans": [] })))
}

/// Sends to `galtea` under the inference result id `ir_1`.
fn sending_to<'command>(galtea: &Server, command: &'command mut Command) -> &'command mut Command {
    command
        .env("GALTEA_API_KEY", GALTEA_KEY)
        .env("GALTEA_API_URL", galtea.url())
        .env("GALTEA_INFERENCE_RESULT_ID", "ir_1")
}

/// The traces of one request.
fn traces(body: &Value) -> &[Value] {
    body.as_array().unwrap()
}

fn named<'body>(body: &'body Value, name: &str) -> &'body Value {
    traces(body).iter().find(|trace| trace["name"] == name).unwrap_or_else(|| panic!("no {name} in {body:#}"))
}

/// The first words of each line of a tree: type and name.
fn types_and_names(stderr: &str) -> Vec<(String, String)> {
    let words = |line: &str| {
        let mut words = line.split_whitespace().filter(|word| !["├", "└", "│"].contains(word));
        Some((words.next()?.to_owned(), words.next()?.to_owned()))
    };
    let is_row =
        |line: &&str| line.starts_with(|c: char| c.is_ascii_uppercase()) && line.contains(['━', '╸', '╺']);
    stderr.lines().filter(is_row).filter_map(words).collect()
}

#[test]
fn without_an_account_it_answers_three_questions_and_prints_a_tree_for_each() {
    let done = run(&mut support_agent(&[]));
    assert!(done.success, "{}", done.stderr);
    assert!(done.stdout.contains("Use `galtea::spawn`"), "{}", done.stdout);
    assert!(done.stdout.contains("There is no order G-1240 in your account."), "{}", done.stdout);
    assert!(done.stdout.contains("Your order G-1204"), "{}", done.stdout);
    assert!(done.stdout.contains("There is a secret in your message"), "{}", done.stdout);
    let rows = types_and_names(&done.stderr);
    let rows: Vec<_> = rows.iter().map(|(kind, name)| (kind.as_str(), name.as_str())).collect();
    let expected = [
        ("AGENT", "support_agent"),
        ("GUARDRAIL", "check_question"),
        ("RETRIEVER", "search_guide"),
        ("AGENT", "support_agent"),
        ("GUARDRAIL", "check_question"),
        ("CHAIN", "look_up"),
        ("TOOL", "find_customer"),
        ("TOOL", "find_order"),
        ("TOOL", "list_orders"),
        ("AGENT", "support_agent"),
        ("GUARDRAIL", "check_question"),
    ];
    assert_eq!(rows, expected, "{}", done.stderr);
    assert!(done.stderr.contains("✗ customer c-01 has no order G-1240"), "{}", done.stderr);
    assert!(done.stderr.contains("✗ the question holds a secret"), "{}", done.stderr);
}

#[test]
fn into_a_pipe_it_prints_no_escape_codes_and_trees_of_eighty_columns() {
    let done = run(&mut support_agent(&[]));
    assert!(!done.stdout.contains('\x1b') && !done.stderr.contains('\x1b'));
    let trees = done.stderr.lines().skip_while(|line| !line.starts_with("local-1"));
    assert!(trees.clone().count() > 10, "{}", done.stderr);
    for line in trees {
        assert!(line.chars().count() <= 80, "{line}");
    }
}

#[test]
fn with_an_account_each_question_is_one_request_whose_traces_form_one_tree() {
    let galtea = galtea();
    let done = run(sending_to(&galtea, &mut support_agent(&[])));
    assert!(done.success, "{}", done.stderr);
    let requests = galtea.requests();
    let ids: Vec<_> = requests.iter().map(|request| request.body[0]["inferenceResultId"].clone()).collect();
    assert_eq!(ids, ["ir_1-1", "ir_1-2", "ir_1-3"]);
    for request in &requests {
        assert_eq!(request.method, "POST");
        assert!(request.target.starts_with("/traces/batch"), "{}", request.target);
        assert_eq!(request.header("authorization"), Some(format!("Bearer {GALTEA_KEY}").as_str()));
        let (root, others) = traces(&request.body).split_first().unwrap();
        assert_eq!((&root["type"], &root["parentTraceId"]), (&json!("AGENT"), &Value::Null));
        for trace in others {
            assert!(
                traces(&request.body).iter().any(|parent| parent["id"] == trace["parentTraceId"]),
                "{trace:#}"
            );
        }
    }
    assert!(types_and_names(&done.stderr).is_empty(), "{}", done.stderr);
}

#[test]
fn the_passages_found_are_the_output_of_the_retriever() {
    let galtea = galtea();
    let done = run(sending_to(&galtea, &mut support_agent(&[SPAWNED])));
    assert!(done.success, "{}", done.stderr);
    let body = &galtea.requests()[0].body;
    assert_eq!(body[0]["inferenceResultId"], "ir_1");
    let search = named(body, "search_guide");
    assert_eq!(search["type"], "RETRIEVER");
    assert_eq!(search["inputData"]["question"], SPAWNED);
    assert_eq!(search["metadata"]["ranking"], "bm25");
    let passages = search["outputData"]["value"].as_array().unwrap();
    assert_eq!(passages.len(), 3);
    assert!(passages[0]["text"].as_str().unwrap().contains("galtea::spawn"), "{search:#}");
}

#[test]
fn a_tool_that_fails_is_a_trace_with_an_error_and_the_agent_goes_on() {
    let galtea = galtea();
    let done = run(sending_to(&galtea, &mut support_agent(&[ORDER])));
    assert!(done.success, "{}", done.stderr);
    let body = &galtea.requests()[0].body;
    let failed = named(body, "find_order");
    assert_eq!(failed["error"], "customer c-01 has no order G-1240");
    assert_eq!(failed["inputData"], json!({ "customer": "c-01", "number": "G-1240" }));
    let look_up = named(body, "look_up");
    for tool in ["find_customer", "find_order", "list_orders"] {
        assert_eq!(named(body, tool)["parentTraceId"], look_up["id"]);
    }
    assert_eq!(look_up["error"], Value::Null);
    assert_eq!(look_up["outputData"]["no_such_order"]["meant"]["number"], "G-1204");
}

#[test]
fn a_secret_in_a_question_is_in_no_trace() {
    let galtea = galtea();
    let done = run(sending_to(&galtea, &mut support_agent(&[SECRET])));
    assert!(done.success, "{}", done.stderr);
    let body = &galtea.requests()[0].body;
    assert!(!body.to_string().contains("4f9a2c77d1"), "{body:#}");
    assert_eq!(body[0]["inputData"]["question"], "My key [masked] is refused with 403, what now?");
    assert_eq!(named(body, "check_question")["inputData"]["question"], "[masked]");
}

#[test]
fn where_there_is_a_model_it_writes_the_answer_from_the_passages() {
    let model = Server::answering(|_| {
        let message = json!({ "role": "assistant", "content": "Spawn them with galtea::spawn." });
        (200, json!({ "choices": [{ "index": 0, "message": message, "finish_reason": "stop" }] }))
    });
    let galtea = galtea();
    let mut command = support_agent(&[SPAWNED]);
    command.env("OPENAI_API_KEY", MODEL_KEY).env("OPENAI_BASE_URL", format!("{}/v1/", model.url()));
    let done = run(sending_to(&galtea, command.env("OPENAI_MODEL", "scripted-1")));
    assert!(done.success, "{}", done.stderr);
    assert!(done.stdout.contains("\n  Spawn them with galtea::spawn.\n"), "{}", done.stdout);

    let asked = &model.requests()[0];
    assert_eq!(asked.target, "/v1/chat/completions");
    assert_eq!(asked.header("authorization"), Some(format!("Bearer {MODEL_KEY}").as_str()));
    assert_eq!(asked.body["model"], "scripted-1");
    let instructions = asked.body["messages"][0]["content"].as_str().unwrap();
    assert!(instructions.contains("`tokio::spawn` starts a task without the context"), "{instructions}");
    assert_eq!(asked.body["messages"][1], json!({ "role": "user", "content": SPAWNED }));

    let body = &galtea.requests()[0].body;
    let generation = named(body, "complete");
    assert_eq!(generation["type"], "GENERATION");
    assert_eq!(generation["inputData"]["messages"], asked.body["messages"]);
    assert_eq!(generation["outputData"]["value"], "Spawn them with galtea::spawn.");
    assert_eq!(generation["metadata"]["model"], "scripted-1");
    assert_eq!(generation["metadata"]["finish_reason"], "stop");
    assert!(!body.to_string().contains(MODEL_KEY));
}

#[test]
fn a_model_that_fails_leaves_its_error_in_the_trace_and_the_answer_to_the_passages() {
    let model = Server::answering(|_| (503, json!({ "error": { "message": "overloaded" } })));
    let mut command = support_agent(&[SPAWNED]);
    let done = run(command.env("OPENAI_API_KEY", MODEL_KEY).env("OPENAI_BASE_URL", model.url()));
    assert!(done.success, "{}", done.stderr);
    assert!(done.stdout.contains("Use `galtea::spawn`"), "{}", done.stdout);
    assert!(
        types_and_names(&done.stderr).contains(&("GENERATION".into(), "complete".into())),
        "{}",
        done.stderr
    );
    assert!(done.stderr.contains("✗ the model answered 503"), "{}", done.stderr);
}

#[test]
fn traces_that_galtea_refuses_are_told_in_the_report_and_in_the_exit_code() {
    let galtea = Server::answering(|_| (401, json!({ "message": "unknown key" })));
    let done = run(sending_to(&galtea, &mut support_agent(&[SPAWNED])));
    assert!(!done.success);
    assert!(done.stdout.contains("Use `galtea::spawn`"), "the answer is given all the same: {}", done.stdout);
    assert!(done.stderr.contains("error: ") && done.stderr.contains("401"), "{}", done.stderr);
    assert!(!done.stdout.contains(GALTEA_KEY) && !done.stderr.contains(GALTEA_KEY));
}

#[test]
fn a_reader_that_has_read_enough_is_no_failure() {
    let mut child = support_agent(&[]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let ended = child.wait_with_output().unwrap();
    assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
}

#[test]
fn mistakes_on_the_command_line_are_told() {
    let unknown = run(support_agent(&[]).arg("--doc"));
    assert!(!unknown.success);
    assert_eq!(unknown.stderr, "error: there is no option `--doc`; see --help\n");
    let missing = run(support_agent(&[]).args(["--docs", "/nowhere/at/all"]));
    assert!(!missing.success);
    assert!(
        missing.stderr.starts_with("error: the guide in /nowhere/at/all cannot be read: "),
        "{}",
        missing.stderr
    );
    let help = run(support_agent(&[]).arg("--help"));
    assert!(help.success && help.stdout.contains("Usage: support_agent"), "{}", help.stdout);
}
