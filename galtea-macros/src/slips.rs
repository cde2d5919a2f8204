//! Every slip of one token, for tests.

use std::iter;

use proc_macro2::{Group, TokenStream, TokenTree};

/// Each way to leave one token or group out of `tokens`, at any depth, and each way to write one twice.
pub(crate) fn of(tokens: &TokenStream) -> Vec<TokenStream> {
    let mut count = 0;
    slip(tokens.clone(), usize::MAX, &mut count, 1);
    assert!(count > 0, "there is nothing to slip on");
    let slips = (0..count).flat_map(|at| [(at, 0), (at, 2)]);
    slips.map(|(at, times)| slip(tokens.clone(), at, &mut 0, times)).collect()
}

/// Repeats the token that is number `at` in reading order.
fn slip(tokens: TokenStream, at: usize, count: &mut usize, times: usize) -> TokenStream {
    let mut slipped = TokenStream::new();
    for tree in tokens {
        let here = if *count == at { times } else { 1 };
        *count += 1;
        let tree = match tree {
            TokenTree::Group(group) => {
                Group::new(group.delimiter(), slip(group.stream(), at, count, times)).into()
            }
            other => other,
        };
        slipped.extend(iter::repeat_n(tree, here));
    }
    slipped
}
