/*
 * A small service with a defect: `PUT /orders/ID`, `GET /orders`, `GET /health`. What it acknowledges it keeps in a file, so
 * that it survives being killed, unless its defect is that it does not.
 */
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';

const { PORT, DEFECT = 'none', STATE, UPSTREAM } = process.env;
/** Whether it was killed before and started again. */
const isBack = existsSync(STATE);
const began = Date.now();
if (!isBack) writeFileSync(STATE, '');

const stored = () => readFileSync(STATE, 'utf8').split('\n').filter(Boolean);
// A retry of what was in flight when it was killed.
if (isBack && DEFECT === 'duplicates') appendFileSync(STATE, `${stored().slice(-5).join('\n')}\n`);
/** What it has acknowledged and means to write down some seconds later. */
const soon = [];
const writesAfterMs = 3000;
if (DEFECT === 'loses-writes')
  setInterval(() => {
    while (soon[0]?.at < Date.now() - writesAfterMs) appendFileSync(STATE, `${soon.shift().id}\n`);
  }, 100);

/** A cache that is renewed when it is asked for and a second old. */
const cache = { at: Number.NEGATIVE_INFINITY, orders: [] };
function stale() {
  if (cache.at < Date.now() - 1000) Object.assign(cache, { at: Date.now(), orders: stored().map((id) => ({ id })) });
  return cache.orders;
}
/** One value; with a replica that is behind, every third read goes to it. */
const leaders = [''];
let reads = 0;
function leader({ method, url }) {
  if (method === 'PUT') leaders.push(url.split('/')[2]);
  else reads += 1;
  return leaders.at(DEFECT === 'replica-behind' && reads % 3 === 0 ? -Math.min(5, leaders.length) : -1);
}
/** Two queues, read one after the other. */
const last = (id) => Number(id.slice(-1)) % 2;

function isDown() {
  const age = Date.now() - began;
  if (DEFECT === 'unhealthy') return true;
  if (!isBack) return false;
  if (DEFECT === 'recovers-late') return age < 3000;
  if (DEFECT === 'flaps') return Math.floor(age / 200) % 2 === 1;
  return false;
}

createServer(async (request, answer) => {
  const reply = (status, body) => {
    answer.writeHead(status, { 'content-type': 'application/json' });
    answer.end(JSON.stringify(body));
  };
  if (DEFECT === 'slow') await new Promise((resolve) => setTimeout(resolve, 300));
  if (isDown()) return reply(503, { error: 'not yet' });
  if (DEFECT === 'lying' && isBack) return reply(200, { error: 'no database' });
  const id = request.url.split('/')[2];
  if (UPSTREAM !== undefined && request.url === '/page') {
    // A page that could do without its orders, and does not.
    const orders = await fetch(`${UPSTREAM}/health`).catch(() => undefined);
    return orders?.ok || DEFECT !== 'cascades' ? reply(200, { page: true }) : reply(500, { error: 'no orders' });
  }
  if (request.url.startsWith('/leader')) return reply(200, { value: leader(request) });
  if (request.method === 'PUT') {
    if (DEFECT === 'recovers-partly' && isBack) return reply(500, { error: 'read only' });
    if (DEFECT === 'loses-writes') soon.push({ id, at: Date.now() });
    else appendFileSync(STATE, `${id}\n`);
    return reply(201, { id });
  }
  if (request.url.startsWith('/orders') && DEFECT === 'serves-stale') return reply(200, stale());
  if (request.url.startsWith('/orders') && DEFECT === 'reorders')
    return reply(
      200,
      stored()
        .sort((one, other) => last(one) - last(other))
        .map((one) => ({ id: one })),
    );
  if (request.url.startsWith('/orders'))
    return reply(
      200,
      [...stored(), ...soon.map(({ id: one }) => one)].map((one) => ({ id: one })),
    );
  reply(200, { ok: true });
}).listen(Number(PORT), '127.0.0.1');
