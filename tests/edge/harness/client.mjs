// Requests with a host of the test's choice, which fetch does not allow, and bytes as they are.
import { Agent, request as httpRequest } from "node:http";
import { connect } from "node:net";

export const agent = new Agent({ keepAlive: true, maxSockets: 64 });

// A connection that the other side closed just when it was to be used again is no answer: the request is sent on another.
export async function ask(worker, what) {
  for (;;) {
    try {
      return await once(worker, what);
    } catch (error) {
      if (!error.reused) throw error;
    }
  }
}

function once(worker, { method = "GET", path = "/v1/units", host = "acme.keystead.example", token, headers = {}, body } = {}) {
  const all = { host, ...(token && { authorization: `Bearer ${token}` }), ...headers };
  return new Promise((resolve, reject) => {
    const request = httpRequest({ host: "127.0.0.1", port: worker.port, agent, method, path, headers: all, setHost: false }, (answer) => {
      const parts = [];
      answer.on("data", (part) => parts.push(part));
      answer.on("error", reject);
      answer.on("end", () => resolve({ status: answer.statusCode, headers: answer.headers, raw: answer.rawHeaders, text: Buffer.concat(parts).toString() }));
    });
    request.on("error", (error) => reject(Object.assign(error, { reused: error.code === "ECONNRESET" && request.reusedSocket })));
    request.end(body);
  });
}

// Writes bytes and returns what comes back: until the other side closes, says nothing for long, or is silent after an answer.
export function raw(worker, text, { first = 3_000, then = 100 } = {}) {
  return new Promise((resolve) => {
    const socket = connect(worker.port, "127.0.0.1");
    let got = "";
    let timer;
    const done = () => {
      clearTimeout(timer);
      socket.destroy();
      resolve(got);
    };
    const wait = (milliseconds) => {
      clearTimeout(timer);
      timer = setTimeout(done, milliseconds);
    };
    socket.on("data", (part) => {
      got += part.toString("latin1");
      wait(then);
    });
    socket.on("close", done);
    socket.on("error", done);
    socket.write(Buffer.from(text, "latin1"));
    wait(first);
  });
}

export const statuses = (text) => [...text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status));

// Runs `work` on every item, `width` at a time.
export async function each(items, width, work) {
  const queue = items.entries();
  const lane = async () => {
    for (const [index, item] of queue) await work(item, index);
  };
  await Promise.all(Array.from({ length: width }, lane));
}
