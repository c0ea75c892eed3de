/*
 * Asks until it gets an answer: `node demo/hello/client.js http://127.0.0.1:8080/`. It exits with 0 when one of ten tries
 * succeeds. Each try has a connection of its own, and a pause before the next that grows.
 */
import { get } from 'node:http';

const [url] = process.argv.slice(2);
const tries = 10;
const firstPauseMs = 5;
const timeoutMs = 1000;

for (let tried = 1; ; tried += 1) {
  try {
    process.stdout.write(await ask());
    break;
  } catch (error) {
    console.error(`try ${tried}: ${error.message}`);
    if (tried === tries) process.exit(1);
    await new Promise((resolve) => setTimeout(resolve, firstPauseMs * tried));
  }
}

function ask() {
  return new Promise((resolve, reject) => {
    const request = get(url, { agent: false, timeout: timeoutMs }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (text) => {
        body += text;
      });
      response.on('error', reject);
      response.on('end', () =>
        response.statusCode === 200 ? resolve(body) : reject(new Error(`status ${response.statusCode}`)),
      );
    });
    request.on('error', reject);
    request.on('timeout', () => request.destroy(new Error(`no answer within ${timeoutMs} ms`)));
  });
}
