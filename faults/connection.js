import { createConnection } from 'node:net';

const HEAD_END = Buffer.from('\r\n\r\n');
const EMPTY = Buffer.alloc(0);

/**
 * One kept connection that has at most one request under way: nothing but a socket, so that the load costs its core as little as can
 * be. It takes answers with a Content-Length.
 *
 * @param port     on this machine
 * @param onAnswer (answer, context of `send`); the answer has `status` (0: the connection broke), `head` and, where `keep` says so, `body`;
 *                 `bytes` is the length of the body
 * @param keep     whether bodies are wanted
 */
export function connectTo(port, onAnswer, keep = false) {
  let socket;
  let context;
  let head;
  let parts = [];
  let bytes = 0;
  let missing = 0;

  function finish(status, headText) {
    const asked = context;
    const body = keep ? Buffer.concat(parts) : EMPTY;
    context = undefined;
    head = undefined;
    parts = [];
    if (asked !== undefined) onAnswer({ status, head: headText, body, bytes }, asked);
  }

  function readHead(chunk) {
    parts.push(chunk);
    const all = parts.length === 1 ? chunk : Buffer.concat(parts);
    const end = all.indexOf(HEAD_END);
    if (end < 0) return undefined;
    head = all.latin1Slice(0, end);
    const length = /\r\ncontent-length: *(\d+)/i.exec(head);
    if (length === null) throw new Error(`an answer without Content-Length:\n${head}`);
    bytes = Number(length[1]);
    missing = bytes;
    parts = [];
    return all.subarray(end + HEAD_END.length);
  }

  function read(chunk) {
    const rest = head === undefined ? readHead(chunk) : chunk;
    if (rest === undefined) return;
    missing -= rest.length;
    if (keep) parts.push(rest);
    if (missing <= 0) finish(Number(head.slice(9, 12)), head);
  }

  function open() {
    const own = createConnection({ port, host: '127.0.0.1', noDelay: true });
    socket = own;
    own.on('data', read);
    own.on('error', () => {});
    own.on('close', () => {
      if (socket !== own) return;
      open();
      bytes = 0;
      finish(0, '');
    });
  }

  open();
  return {
    /** @param request the whole request, as text or bytes */
    send(request, about) {
      context = about;
      socket.write(request, 'latin1');
    },
    /** Gives up the request under way, and with it the connection, as a client does whose time is over. */
    giveUp() {
      context = undefined;
      head = undefined;
      parts = [];
      const old = socket;
      open();
      old.destroy();
    },
    close() {
      const old = socket;
      socket = undefined;
      old.destroy();
    },
  };
}
