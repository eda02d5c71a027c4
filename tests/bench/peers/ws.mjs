// The usual way to push with node: one process, the package `ws`, a send for each client.
//
//     node ws.mjs PORT
import { createServer } from 'node:http';
import { WebSocketServer } from 'ws';

const server = createServer(async (request, response) => {
  const parts = [];
  for await (const part of request) parts.push(part);
  const message = Buffer.concat(parts);
  for (const client of sockets.clients) client.send(message, { binary: false });
  response.writeHead(200, { 'Content-Length': 0 }).end();
});
const sockets = new WebSocketServer({ server, path: '/ws', perMessageDeflate: false });
server.listen({ host: '127.0.0.1', port: Number(process.argv[2]), backlog: 4096 });
