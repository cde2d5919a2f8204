//! A small agent, and the unit tests that say which tools it must call, in which order, and with what.
//!
//! ```text
//! cargo run --example testing --features testing    # shows what a test sees
//! cargo test --example testing --features testing   # runs the tests, at the end of this file
//! ```
//!
//! Neither needs an account or a network.

use std::collections::HashMap;
use std::io::Write as _;

use galtea::testing;
use serde::Serialize;

#[derive(Clone, Debug, Serialize)]
struct Order {
    id: String,
    cents: u32,
    delivered: bool,
}

/// What the agent works with. A test brings its own.
struct Shop {
    orders: HashMap<String, Order>,
}

impl Shop {
    fn new(orders: impl IntoIterator<Item = Order>) -> Self {
        Self { orders: orders.into_iter().map(|order| (order.id.clone(), order)).collect() }
    }

    #[galtea::trace(type = "TOOL")]
    async fn find_order(&self, id: &str) -> Result<Order, String> {
        self.orders.get(id).cloned().ok_or_else(|| format!("there is no order {id}"))
    }

    #[galtea::trace(type = "TOOL")]
    async fn refund(&self, order: &str, cents: u32) -> Result<(), String> {
        tracing::info!(order, cents, "refunded");
        Ok(())
    }
}

#[galtea::trace(type = "GUARDRAIL")]
fn may_refund(order: &Order) -> bool {
    order.delivered && order.cents <= 10_000
}

/// Gives the money back for an order, where the rules allow it.
#[galtea::trace(type = "AGENT", skip(shop))]
async fn refund_agent(shop: &Shop, order: &str) -> Result<String, String> {
    let order = shop.find_order(order).await?;
    if !may_refund(&order) {
        return Ok("A colleague will look at your order.".to_owned());
    }
    shop.refund(&order.id, order.cents).await?;
    Ok(format!("You get {}.{:02} back.", order.cents / 100, order.cents % 100))
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let shop = Shop::new([Order { id: "G-1204".to_owned(), cents: 4_990, delivered: true }]);
    let mut out = std::io::stdout();
    for order in ["G-1204", "G-1240"] {
        let tree = testing::capture(refund_agent(&shop, order)).await;
        writeln!(out, "{tree}")?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use galtea::TraceType;
    use galtea::testing::{assert_trace_tree, capture, capture_output};

    use super::*;

    fn shop() -> Shop {
        let order = |id: &str, cents, delivered| Order { id: id.to_owned(), cents, delivered };
        Shop::new([
            order("cheap", 4_990, true),
            order("dear", 99_900, true),
            order("on its way", 4_990, false),
        ])
    }

    #[tokio::test]
    async fn an_order_is_found_checked_and_refunded_in_this_order() {
        let (answer, tree) = capture_output(refund_agent(&shop(), "cheap")).await;
        assert_eq!(answer.as_deref(), Ok("You get 49.90 back."));
        assert_trace_tree!(tree, {
            AGENT "refund_agent" {
                TOOL "find_order" (input = { "id": "cheap" })
                GUARDRAIL "may_refund" (output = true)
                TOOL "refund" (input = { "order": "cheap", "cents": 4_990 })
            }
        });
    }

    #[tokio::test]
    async fn nothing_is_refunded_that_the_rules_forbid() {
        for order in ["dear", "on its way"] {
            let tree = capture(refund_agent(&shop(), order)).await;
            assert_eq!(tree.only("may_refund").output()["value"], false);
            assert_eq!(tree.names_of(TraceType::Tool), ["find_order"], "{tree}");
        }
    }

    #[tokio::test]
    async fn an_unknown_order_is_the_error_of_the_tool_and_of_the_agent() {
        let tree = capture(refund_agent(&shop(), "lost")).await;
        assert_trace_tree!(tree, {
            AGENT "refund_agent" (error) {
                TOOL "find_order" (error = "there is no order lost")
            }
        });
    }

    #[tokio::test]
    async fn the_whole_tree_is_what_it_was() {
        let tree = capture(refund_agent(&shop(), "cheap")).await;
        insta::assert_snapshot!(tree, @r#"
        AGENT "refund_agent"
          input = {"order":"cheap"}
          output = {"value":"You get 49.90 back."}
          TOOL "find_order"
            input = {"id":"cheap"}
            output = {"cents":4990,"delivered":true,"id":"cheap"}
          GUARDRAIL "may_refund"
            input = {"order":{"cents":4990,"delivered":true,"id":"cheap"}}
            output = {"value":true}
          TOOL "refund"
            input = {"cents":4990,"order":"cheap"}
        "#);
    }
}
