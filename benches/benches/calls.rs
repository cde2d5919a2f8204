//! The calls of the table under divan: 100 of them under one root are one iteration.

use std::hint::black_box;
use std::sync::LazyLock;

use divan::Bencher;
use divan::counter::ItemsCount;
use galtea::Galtea;
use galtea_benches::calls::CALLS;
use galtea_benches::tracers::{Bare, Fastrace, OpenTelemetry, Tracer};
use galtea_benches::work::{LIMIT, ORDER, USER, long};
use galtea_benches::{ours, same, work};

static GALTEA: LazyLock<Galtea> = LazyLock::new(ours::client);

fn main() {
    Fastrace::start();
    OpenTelemetry::start();
    same::check();
    divan::main();
}

fn under<T: Tracer>(bencher: Bencher<'_, '_>, call: impl Fn()) {
    let calls = || (0..CALLS).for_each(|_| call());
    bencher.counter(ItemsCount::new(CALLS)).bench_local(|| T::root(&mut || calls()));
}

fn in_scope(bencher: Bencher<'_, '_>, call: impl Fn()) {
    let calls = || (0..CALLS).for_each(|_| call());
    bencher.counter(ItemsCount::new(CALLS)).bench_local(|| GALTEA.inference_result("ir_1").sync_scope(calls));
}

macro_rules! rows {
    ($($name:ident($($argument:expr),*);)*) => {$(
        mod $name {
            use super::*;

            #[divan::bench]
            fn galtea(bencher: Bencher<'_, '_>) {
                in_scope(bencher, || drop(black_box(ours::$name($($argument),*))));
            }

            #[divan::bench(types = [Bare, Fastrace, OpenTelemetry])]
            fn peer<T: Tracer>(bencher: Bencher<'_, '_>) {
                under::<T>(bencher, || drop(black_box(work::$name::<T>($($argument),*))));
            }
        }
    )*};
}

rows! {
    call(USER, LIMIT);
    ten(1, 2, 3, -4, true, 0.5, "g", "h", "i", 'j');
    prompt(long());
    debug(&ORDER);
    error(USER);
    block(USER);
    nested(5);
}
