// The cell of the bench: a fixed answer as cheaply as Node can give it (as the peers' rig does), and what a cell publishes to its edge.
// Prints its port. `UPSTREAM` is JSON: paths with their bodies.
import net from "node:net";

const published = JSON.parse(process.env.UPSTREAM ?? "{}");
const body = '{"id":"0000000c-0000-7000-8000-070000000123","status":"signed","price_cents":39302000,"notes":"Lot premium and options as agreed. Lot premium and options as agreed."}';
const answer = (type, text) => Buffer.from(`HTTP/1.1 200 OK\r\nContent-Type: ${type}\r\nContent-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`);
const fixed = answer("application/json", body);

function answerTo(head) {
  const path = head.slice(4, head.indexOf(" ", 4)).split("?")[0];
  return path in published ? answer("text/plain", published[path]) : fixed;
}

const server = net.createServer((socket) => {
  socket.setNoDelay(true);
  let tail = "";
  socket.on("data", (part) => {
    tail += part.toString("latin1");
    let at;
    while ((at = tail.indexOf("\r\n\r\n")) >= 0) {
      socket.write(answerTo(tail));
      tail = tail.slice(at + 4);
    }
  });
  socket.on("error", () => {});
});
server.listen(Number(process.env.PORT ?? 0), "127.0.0.1", () => console.log(server.address().port));
