// The module that Cloudflare loads: it hands events to the wasm, and makes a new instance of it after one has panicked.
import * as wasm from "./index.js";

const state = wasm.__worker_init_state();

function revive() {
  if (!state.criticalError) return;
  wasm.__wbg_reset_state();
  state.criticalError = false;
  state.instanceId++;
}

async function call(f) {
  revive();
  try {
    return await f();
  } catch (error) {
    if (error instanceof WebAssembly.RuntimeError) state.criticalError = true;
    throw error;
  }
}

// An object of wasm belongs to the instance that made it, and what it has to remember is in its storage.
function durable(name) {
  return class {
    constructor(context, env) {
      this.context = context;
      this.env = env;
    }

    fetch(request) {
      return call(() => {
        if (this.instanceId !== state.instanceId) {
          this.object = new wasm[name](this.context, this.env);
          this.instanceId = state.instanceId;
        }
        return this.object.fetch(request);
      });
    }
  };
}

export const TenantLimiter = durable("TenantLimiter");
export const CellFeed = durable("CellFeed");

export default {
  fetch: (request, env, context) => call(() => wasm.fetch(request, env, context)),
  scheduled: (event, env, context) => call(() => wasm.scheduled(event, env, context)),
};
