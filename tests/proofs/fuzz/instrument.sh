#!/bin/sh
# cargo's RUSTC_WRAPPER: has the compiler report coverage to libFuzzer for what is Keystead's, and for its parsers. These are
# cargo-fuzz's flags; all of them are stable.
rustc=$1
shift
case " $* " in
*" --crate-name keystead_"* | *" --crate-name fuzz "* | *" --crate-name csv_core "* | *" --crate-name serde_json "* | *" --crate-name jsonwebtoken "*)
    exec "$rustc" "$@" -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
        -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
        -Cllvm-args=-sanitizer-coverage-trace-compares
    ;;
esac
exec "$rustc" "$@"
