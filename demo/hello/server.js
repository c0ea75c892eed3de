/* The smallest service there is: `PORT=8080 node demo/hello/server.js`. */
import { createServer } from 'node:http';

const port = Number(process.env.PORT ?? 8080);
createServer((_request, response) => response.end('hello\n')).listen(port, '127.0.0.1', () =>
  console.log(`hello on http://127.0.0.1:${port}`),
);
