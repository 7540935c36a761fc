//! `keystead-edge-bindgen IN.wasm OUT_DIR`: the JavaScript glue of the worker, and the wasm that fits it.
//!
//! It is the part of `worker-build` that needs Rust. Calling the library keeps its version in our lock, beside the `wasm-bindgen` that the
//! worker links, and spares a machine the minutes in which it would build two command-line tools.

use wasm_bindgen_cli_support::Bindgen;

fn main() {
    let mut arguments = std::env::args().skip(1);
    let (Some(input), Some(out_dir)) = (arguments.next(), arguments.next()) else {
        panic!("usage: keystead-edge-bindgen IN.wasm OUT_DIR");
    };
    let mut bindgen = Bindgen::new();
    let module = bindgen.module(true).expect("a module target");
    module
        .input_path(input)
        .out_name("index")
        .typescript(false)
        .reset_state_function(true)
        .generate(out_dir)
        .expect("the glue is written");
}
