//! Nothing is here but the tests of `tests/drop_order`, as a crate of edition 2018.
