// The module that Cloudflare loads: it hands events to the wasm, and makes a new instance of it after one has panicked.
import * as wasm from "./index.js";
import { change, head, headers, inTime } from "./host.js";

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

const serve = (request, env, context) => call(() => wasm.fetch(request, env, context));

// A cell that says nothing for so many milliseconds is given up, as on the long way.
const PATIENCE = 30_000;
// As many as there are things to fetch; the long way says what happens then.
const ROUNDS = 6;

// The usual request: see src/quick.rs, which says what the lines are.
async function forward(plan, request, env, context) {
  const at = lineEnds(plan, 4);
  const number = Number(plan.slice(at[0], at[1]));
  const [url, binding] = [plan.slice(at[1] + 1, at[2]), plan.slice(at[2] + 1, at[3])];
  let answer;
  try {
    answer = await inTime(PATIENCE, (signal) => {
      const sent = new Request(url, { method: request.method, headers: request.headers, redirect: "manual", cache: "no-store", signal });
      change(sent.headers, plan.slice(at[3] + 1));
      return (binding ? env[binding] : globalThis).fetch(sent);
    });
  } catch {
    return text(503, wasm.finish_at_once(number, 0, ""));
  }
  const changes = wasm.finish_at_once(number, answer.status, head(answer));
  if (changes === undefined) return serve(request, env, context);
  const finished = new Response(answer.body, answer);
  change(finished.headers, changes);
  return finished;
}

// The places of the first line feeds.
function lineEnds(lines, count) {
  const found = [];
  for (let at = -1; found.length < count; found.push(at)) at = lines.indexOf("\n", at + 1);
  return found;
}

// Fields and a body in one text: the body is the last line.
function text(status, lines) {
  const body = lines.lastIndexOf("\n") + 1;
  return new Response(status === 204 || status === 304 ? null : lines.slice(body), { status, headers: headers(lines.slice(0, body)) });
}

async function usual(request, env, context) {
  const [method, url, fields] = [request.method, request.url, head(request)];
  for (let round = 0; round < ROUNDS; round++) {
    const plan = wasm.decide_at_once(method, url, fields);
    if (plan === undefined) break;
    if (plan.startsWith("wait\n")) {
      await wasm.fetch_wanted(Number(plan.slice(5)), env);
      continue;
    }
    if (wasm.is_due()) context.waitUntil(call(() => wasm.fetch_ahead(env)));
    if (plan.startsWith("forward\n")) return forward(plan, request, env, context);
    const at = lineEnds(plan, 2);
    return text(Number(plan.slice(at[0], at[1])), plan.slice(at[1] + 1));
  }
  return serve(request, env, context);
}

export const TenantLimiter = durable("TenantLimiter");
export const CellFeed = durable("CellFeed");

export default {
  fetch(request, env, context) {
    return call(() => (request.body === null ? usual(request, env, context) : wasm.fetch(request, env, context)));
  },
  scheduled: (event, env, context) => call(() => wasm.scheduled(event, env, context)),
};
