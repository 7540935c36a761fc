//! What a slice must not be able to write, because the compiler refuses it.
//!
//! The first run checks the dependencies once more in a folder of its own, which takes a minute or two; later runs take
//! seconds. After a new compiler: `TRYBUILD=overwrite cargo test -p keystead-compile-fail`, and read the difference.

#[test]
fn the_compiler_refuses() {
    trybuild::TestCases::new().compile_fail("cases/*.rs");
}
