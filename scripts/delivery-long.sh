#!/bin/sh
# The runs of delivery that take minutes or the right to mount: a million traces against a server that fails one request
# in ten, from memory and through the spool, and disks that are full or cannot be written.
set -eu
cd "$(dirname "$0")/.."

cargo test --release -p galtea-runtime --test load -- --ignored ten_thousand --nocapture --test-threads=1
cargo test --release -p galtea-runtime --test disk --no-run
unshare --mount --map-root-user \
    cargo test --release -p galtea-runtime --test disk -- --ignored --test-threads=1
