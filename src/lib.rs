//! Tracing for LLM agents.
