// The module that Cloudflare loads: it hands events to the wasm, and makes a new instance after one has panicked.
import * as wasm from "./index.js";

const state = wasm.__worker_init_state();

function call(f) {
  if (state.criticalError) {
    wasm.__wbg_reset_state();
    state.criticalError = false;
    state.instanceId++;
  }
  return f();
}

export default {
  fetch: (request, env, ctx) => call(() => wasm.fetch(request, env, ctx)),
};
